-- Tables of Odoo's sales and accounting, as publicly documented; made-up rows.
create table res_company (id int, name varchar(100), partner_id int, currency_id int, create_date timestamp, write_date timestamp, active boolean);
insert into res_company values (1, 'Nord', 3, 1, '2020-01-01 00:00:00', '2020-01-01 00:00:00', true), (2, 'Sued', 4, 1, '2021-01-01 00:00:00', '2021-01-01 00:00:00', true);
create table sale_order (
    id int, name varchar(20), company_id int, partner_id int, state varchar(20), date_order timestamp, validity_date date,
    commitment_date timestamp, effective_date timestamp, amount_untaxed numeric(12, 2), amount_tax numeric(12, 2), amount_total numeric(12, 2),
    currency_id int, user_id int, team_id int, create_uid int, create_date timestamp, write_uid int, write_date timestamp, note text
);
insert into sale_order values
(1, 'S00001', 1, 41, 'sale', '2025-04-01 10:00:00', null, '2025-04-05 10:00:00', '2025-04-04 10:00:00', 100, 19, 119, 1, 2, 1, 2,
 '2025-04-01 09:00:00', 2, '2025-04-04 10:00:00', null),
(2, 'S00002', 2, 42, 'draft', '2025-04-02 10:00:00', null, null, null, 50, 9.5, 59.5, 1, 2, 1, 2, '2025-04-02 09:00:00', 2,
 '2025-04-02 10:00:00', null),
(3, 'S00003', 1, 41, 'cancel', '2025-04-03 10:00:00', null, null, null, 70, 13.3, 83.3, 1, 2, 1, 2, '2025-04-03 09:00:00', 2,
 '2025-04-03 10:00:00', null);
create table sale_order_line (
    id int, order_id int, name text, product_id int, price_unit numeric(12, 2), product_uom_qty numeric(12, 2), price_subtotal numeric(12, 2),
    price_total numeric(12, 2), company_id int, state varchar(20), create_date timestamp, write_date timestamp
);
insert into sale_order_line values (1, 1, 'Desk', 7, 100, 1, 100, 119, 1, 'sale', '2025-04-01 09:00:00', '2025-04-04 10:00:00');
create table account_payment (
    id int, name varchar(40), date date, partner_id int, company_id int, amount numeric(12, 2), payment_type varchar(20), partner_type varchar(20),
    payment_method_id int, currency_id int, memo varchar(100), state varchar(20), create_date timestamp, write_date timestamp
);
insert into account_payment values
(1, 'PBNK1/2025/00001', '2025-04-01', 41, 1, 119, 'inbound', 'customer', 1, 1, 'S00001', 'paid', '2025-04-01 10:00:00', '2025-04-01 10:00:00'),
(2, 'PBNK1/2025/00002', '2025-04-03', 44, 1, 30, 'outbound', 'supplier', 1, 1, 'B1', 'paid', '2025-04-03 10:00:00', '2025-04-03 10:00:00');
create table account_move (
    id int, name varchar(40), partner_id int, company_id int, move_type varchar(20), state varchar(20), invoice_date date, invoice_date_due date,
    amount_untaxed numeric(12, 2), amount_total numeric(12, 2), create_date timestamp, write_date timestamp
);
insert into account_move values (1, 'INV/2025/00001', 41, 1, 'out_invoice', 'posted', '2025-04-01', '2025-05-01', 100, 119, '2025-04-01 10:00:00', '2025-04-01 10:00:00');
create table res_partner (
    id int, name varchar(100), email varchar(100), phone varchar(30), street varchar(100), city varchar(60), is_company boolean,
    create_date timestamp, write_date timestamp
);
insert into res_partner values (41, 'Ida Blum', 'ida@example.com', '+49 151 1112223', 'Am Ring 1', 'Bonn', false, '2024-01-01 00:00:00', '2024-01-01 00:00:00');
create table stock_picking (
    id int, name varchar(30), partner_id int, origin varchar(30), state varchar(20), scheduled_date timestamp, date_done timestamp, create_date timestamp,
    write_date timestamp
);
