-- Tables of WooCommerce with its own order tables and of Dokan's marketplace, as publicly documented; made-up rows.
create table wp_wc_orders (
    id bigint, status varchar(20), currency varchar(10), type varchar(20), tax_amount numeric(26, 8),
    total_amount numeric(26, 8), customer_id bigint, billing_email varchar(320), date_created_gmt timestamp,
    date_updated_gmt timestamp, parent_order_id bigint, payment_method varchar(100), payment_method_title text,
    transaction_id varchar(100), ip_address varchar(100), user_agent text, customer_note text
);
insert into wp_wc_orders values
(51, 'wc-completed', 'EUR', 'shop_order', 3.2, 20.0, 9, 'eva.lang@example.com', '2025-02-01 08:00:00',
 '2025-02-03 08:00:00', 0, 'stripe', 'Card', 'ch_1', '10.0.0.1', 'Firefox', 'Please ring at 0170 7654321'),
(52, 'wc-processing', 'EUR', 'shop_order', 1.6, 10.0, 8, 'tom.berg@example.com', '2025-02-02 09:00:00',
 '2025-02-02 09:00:00', 0, 'paypal', 'PayPal', 'pp_2', '10.0.0.2', 'Safari', ''),
(53, 'wc-refunded', 'EUR', 'shop_order', 1.6, 12.0, 8, 'tom.berg@example.com', '2025-02-03 09:00:00',
 '2025-02-04 09:00:00', 0, 'paypal', 'PayPal', 'pp_3', '10.0.0.2', 'Safari', '');
create table wp_wc_order_stats (
    order_id bigint, parent_id bigint, date_created timestamp, date_created_gmt timestamp, date_paid timestamp,
    date_completed timestamp, num_items_sold int, total_sales float, tax_total float, shipping_total float,
    net_total float, returning_customer int, status varchar(20), customer_id bigint
);
insert into wp_wc_order_stats values
(51, 0, '2025-02-01 09:00:00', '2025-02-01 08:00:00', '2025-02-01 09:01:00', '2025-02-03 09:00:00', 1, 20, 3.2, 4.0, 12.8, 0,
 'wc-completed', 9);
create table wp_wc_orders_meta (id bigint, order_id bigint, meta_key varchar(255), meta_value text);
create table wp_woocommerce_order_items (
    order_item_id bigint, order_item_name text, order_item_type varchar(200), order_id bigint
);
insert into wp_woocommerce_order_items values (1, 'Mug', 'line_item', 51);
create table wp_dokan_orders (
    id bigint, order_id bigint, seller_id bigint, order_total numeric(19, 4), net_amount numeric(19, 4),
    order_status varchar(30)
);
insert into wp_dokan_orders values
(1, 51, 301, 20.0, 18.0, 'wc-completed'), (2, 52, 302, 10.0, 9.0, 'wc-processing'), (3, 53, 301, 12.0, 11.0, 'wc-refunded');
create table wp_dokan_refund (
    id bigint, order_id bigint, seller_id bigint, refund_amount numeric(19, 4), refund_reason text, item_qtys varchar(200),
    date timestamp, status int, method varchar(30)
);
insert into wp_dokan_refund values (1, 53, 301, 12.0, 'broken', '{}', '2025-02-04 09:00:00', 1, 'paypal');
create table wp_dokan_vendor_balance (
    id bigint, vendor_id bigint, trn_id bigint, trn_type varchar(30), perticulars text, debit numeric(19, 4),
    credit numeric(19, 4), status varchar(30), trn_date timestamp, balance_date timestamp
);
insert into wp_dokan_vendor_balance values
(1, 301, 51, 'dokan_orders', 'New order', 18.0, 0, 'wc-completed', '2025-02-01 08:00:00', '2025-02-08 08:00:00');
create table wp_users (
    id bigint, user_login varchar(60), user_pass varchar(255), user_email varchar(100), user_registered timestamp,
    user_status int, display_name varchar(250)
);
insert into wp_users values (301, 'lumen', 'x', 'lumen@example.com', '2023-01-01 00:00:00', 0, 'Lumen Shop');
create table wp_comments (
    comment_id bigint, comment_post_id bigint, comment_author text, comment_author_email varchar(100),
    comment_date timestamp, comment_date_gmt timestamp, comment_content text, comment_type varchar(20), user_id bigint
);
