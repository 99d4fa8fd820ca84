-- Columns as in Shopify's Admin API, as connectors put them into tables; made-up rows.
create table orders (
    id bigint, name varchar(20), email varchar(100), created_at timestamp, updated_at timestamp, processed_at timestamp,
    cancelled_at timestamp, closed_at timestamp, financial_status varchar(30), fulfillment_status varchar(30),
    currency varchar(3), subtotal_price numeric(12, 2), total_price numeric(12, 2), total_tax numeric(12, 2),
    total_discounts numeric(12, 2), customer_id bigint, cancel_reason varchar(30), note varchar(200), test boolean
);
insert into orders values
(450001, '#1001', 'anna.meyer@example.com', '2025-01-03 10:00:00', '2025-01-06 10:00:00', '2025-01-03 10:00:05', null,
 '2025-01-06 10:00:00', 'paid', 'fulfilled', 'EUR', 20.00, 24.90, 3.00, 0.00, 7001, null, null, false),
(450002, '#1002', 'ben.kurz@example.com', '2025-01-04 11:00:00', '2025-01-05 10:00:00', '2025-01-04 11:00:05',
 '2025-01-05 10:00:00', null, 'refunded', null, 'EUR', 30.00, 34.90, 4.00, 0.00, 7002, 'customer', 'call +49 170 1234567',
 false),
(450003, '#1003', 'anna.meyer@example.com', '2025-01-05 12:00:00', '2025-01-05 12:00:00', '2025-01-05 12:00:05', null, null,
 'pending', null, 'EUR', 15.50, 15.50, 2.00, 1.00, 7001, null, null, false);
create table order_line_items (
    id bigint, order_id bigint, product_id bigint, variant_id bigint, title varchar(100), quantity int,
    price numeric(12, 2), vendor varchar(60), sku varchar(20), fulfillment_status varchar(30), total_discount numeric(12, 2)
);
insert into order_line_items values
(1, 450001, 11, 111, 'Lamp', 2, 10.00, 'Lumen', 'L-1', 'fulfilled', 0.00),
(2, 450002, 12, 121, 'Chair', 1, 30.00, 'Holz', 'C-1', null, 0.00),
(3, 450003, 11, 111, 'Lamp', 1, 15.50, 'Lumen', 'L-1', null, 1.00);
create table transactions (
    id bigint, order_id bigint, kind varchar(20), gateway varchar(30), status varchar(20), amount numeric(12, 2),
    currency varchar(3), created_at timestamp, processed_at timestamp, parent_id bigint, authorization_key varchar(40)
);
insert into transactions values
(901, 450001, 'sale', 'shopify_payments', 'success', 24.90, 'EUR', '2025-01-03 10:00:05', '2025-01-03 10:00:05', null, 'x1'),
(902, 450002, 'sale', 'paypal', 'success', 34.90, 'EUR', '2025-01-04 11:00:05', '2025-01-04 11:00:05', null, 'x2'),
(903, 450002, 'refund', 'paypal', 'success', 34.90, 'EUR', '2025-01-05 10:00:00', '2025-01-05 10:00:00', 902, 'x3');
create table refunds (
    id bigint, order_id bigint, created_at timestamp, processed_at timestamp, note varchar(200), restock boolean,
    amount numeric(12, 2), user_id bigint
);
insert into refunds values
(801, 450002, '2025-01-05 10:00:00', '2025-01-05 10:00:00', 'damaged', true, 34.90, 5),
(802, 450001, '2025-01-08 10:00:00', '2025-01-08 10:00:00', null, true, 4.90, 5);
create table customers (
    id bigint, email varchar(100), first_name varchar(60), last_name varchar(60), created_at timestamp,
    updated_at timestamp, state varchar(20), orders_count int, total_spent numeric(12, 2), phone varchar(30)
);
insert into customers values
(7001, 'anna.meyer@example.com', 'Anna', 'Meyer', '2024-01-01 00:00:00', '2025-01-05 12:00:00', 'enabled', 2, 40.40,
 '+49 170 1234567'),
(7002, 'ben.kurz@example.com', 'Ben', 'Kurz', '2024-02-01 00:00:00', '2025-01-04 11:00:00', 'disabled', 1, 34.90, null);
create table products (
    id bigint, title varchar(100), vendor varchar(60), product_type varchar(60), created_at timestamp,
    updated_at timestamp, status varchar(20)
);
insert into products values (11, 'Lamp', 'Lumen', 'Lighting', '2024-01-01 00:00:00', '2024-01-01 00:00:00', 'active');
