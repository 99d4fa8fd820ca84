-- A marketplace with Spanish names, whose lines alone know the seller; made-up rows.
create table vendedores (id_vendedor int, tipo varchar(20), fecha_alta date, ciudad varchar(40), estado varchar(20));
insert into vendedores values (1, 'empresa', '2020-01-01', 'Lima', 'activo'), (2, 'persona', '2021-01-01', 'Cusco', 'suspendido');
create table pedidos (
    id_pedido int, id_cliente int, estado varchar(20), fecha_pedido timestamp, fecha_pago timestamp, fecha_envio timestamp, fecha_entrega timestamp,
    total numeric(12, 2), costo_envio numeric(12, 2), actualizado_el timestamp
);
insert into pedidos values
(1, 11, 'entregado', '2025-01-01 10:00:00', '2025-01-01 10:05:00', '2025-01-02 10:00:00', '2025-01-05 10:00:00', 30.00, 5.00, '2025-01-05 10:00:00'),
(2, 12, 'pendiente', '2025-01-02 10:00:00', null, null, null, 20.00, 5.00, '2025-01-02 10:00:00');
create table pedido_lineas (id_linea int, id_pedido int, id_producto int, id_vendedor int, cantidad int, precio numeric(12, 2));
insert into pedido_lineas values (1, 1, 100, 1, 2, 10.00), (2, 1, 101, 2, 1, 10.00), (3, 2, 100, 1, 2, 10.00);
create table devoluciones (id_devolucion int, id_pedido int, importe numeric(12, 2), motivo varchar(40), fecha_solicitud timestamp);
insert into devoluciones values (1, 1, 10.00, 'no recibido', '2025-01-08 10:00:00');
create table resenas (id_resena int, id_pedido int, id_cliente int, puntuacion int, fecha timestamp);
insert into resenas values (1, 1, 11, 4, '2025-01-09 10:00:00');
