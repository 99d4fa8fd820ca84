-- Nothing of a marketplace.
create table sensor_readings (device varchar(20), volts float, humidity float, measured timestamp);
insert into sensor_readings values ('a', 1.5, 0.3, '2025-01-01 10:00:00');
create table machine_parts (part varchar(20), weight float, colour varchar(10));
create table zz (q int, w int, e int);
insert into zz values (1, 2, 3);
