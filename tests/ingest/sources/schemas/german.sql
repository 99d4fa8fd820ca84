-- A marketplace with German names; made-up rows.
create table t_haendler (
    haendler_nr varchar(20), firmenart varchar(20), rechtsform varchar(30), angelegt_am timestamp, geaendert_am timestamp,
    branche varchar(40), bundesland varchar(40), inhaber_nr varchar(20), zustand varchar(20)
);
insert into t_haendler values
('H-1', 'x', 'GmbH', '2020-05-01 10:00:00', '2024-05-01 10:00:00', 'Möbel', 'Bayern', 'P-1', 'aktiv'),
('H-2', 'y', 'Privatperson', '2021-06-17 10:00:00', '2024-05-01 10:00:00', 'Mode', 'Hessen', 'P-2', 'gesperrt');
create table t_bestellungen (
    bestellnummer varchar(20), haendler_nr varchar(20), kundennummer varchar(20), bestellstatus varchar(20), bestelldatum timestamp,
    bezahlt_am timestamp, versanddatum timestamp, lieferdatum timestamp, liefertermin_geplant timestamp, storniert_am timestamp,
    gesamtbetrag numeric(12, 2), warenwert numeric(12, 2), versandkosten numeric(12, 2), mwst_betrag numeric(12, 2), kategorie varchar(40),
    geaendert_am timestamp
);
insert into t_bestellungen values
('B-1', 'H-1', 'K-1', 'geliefert', '2025-01-03 10:00:00', '2025-01-03 10:05:00', '2025-01-04 08:00:00', '2025-01-06 12:00:00',
 '2025-01-07 00:00:00', null, 24.90, 20.00, 4.90, 3.98, 'Lampen', '2025-01-06 12:00:00'),
('B-2', 'H-2', 'K-2', 'storniert', '2025-01-04 10:00:00', null, null, null, null, '2025-01-05 09:00:00', 34.90, 30.00, 4.90,
 5.57, 'Hemden', '2025-01-05 09:00:00'),
('B-3', 'H-1', 'K-2', 'Klaerfall', '2025-01-05 10:00:00', null, null, null, null, null, 10.00, 5.10, 4.90, 1.60, 'Lampen',
 '2025-01-05 10:00:00');
create table t_bestellpositionen (
    positions_nr int, bestellnummer varchar(20), artikelnummer varchar(20), menge int, einzelpreis numeric(12, 2), gesamtpreis numeric(12, 2)
);
create table t_zahlungen (
    zahlungs_id bigint, haendler_nr varchar(20), bestellnummer varchar(20), richtung varchar(20), art varchar(30), zahlungsart varchar(30),
    betrag numeric(12, 2), gebucht_am timestamp, kontostand_danach numeric(12, 2)
);
insert into t_zahlungen values
(1, 'H-1', 'B-1', 'Eingang', 'Zahlung', 'PayPal', 24.90, '2025-01-03 10:05:00', 124.90),
(2, 'H-1', null, 'Ausgang', 'Auszahlung', 'SEPA', 100.00, '2025-01-10 10:05:00', 24.90),
(3, 'H-1', null, 'Ausgang', 'Gebühr', 'intern', 1.00, '2025-01-10 10:06:00', 23.90);
create table t_erstattungen (
    erstattungs_id bigint, bestellnummer varchar(20), erstattungsbetrag numeric(12, 2), grund varchar(40), beantragt_am timestamp, erledigt_am timestamp
);
insert into t_erstattungen values (1, 'B-1', 24.90, 'defekt', '2025-01-08 10:00:00', '2025-01-10 10:00:00');
create table t_bewertungen (
    bewertungs_id bigint, bestellnummer varchar(20), haendler_nr varchar(20), kundennummer varchar(20), sterne int, erstellt_am timestamp, kommentar text
);
insert into t_bewertungen values (1, 'B-1', 'H-1', 'K-1', 5, '2025-01-09 10:00:00', 'Danke, Frau Meier!');
create table t_darlehen (
    darlehens_nr varchar(20), haendler_nr varchar(20), beantragt_am timestamp, genehmigt_am timestamp, ausgezahlt_am timestamp, status varchar(20),
    darlehensbetrag numeric(12, 2), laufzeit_tage int, zinssatz numeric(6, 2)
);
insert into t_darlehen values ('D-1', 'H-1', '2025-01-01 10:00:00', '2025-01-02 10:00:00', '2025-01-03 10:00:00', 'ausgezahlt', 1000.00, 90, 12.50);
create table t_tilgungen (
    darlehens_nr varchar(20), raten_nr int, faellig_am date, betrag numeric(12, 2), bezahlt_am timestamp, bezahlter_betrag numeric(12, 2)
);
insert into t_tilgungen values ('D-1', 1, '2025-02-01', 340.00, '2025-02-01 10:00:00', 340.00);
create table t_wechselkurse (waehrung varchar(3), kurs_datum date, kurs numeric(12, 6));
insert into t_wechselkurse values ('USD', '2025-01-02', 0.971200), ('CHF', '2025-01-02', 1.064500);
