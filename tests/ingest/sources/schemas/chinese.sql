-- A marketplace with Chinese names; made-up rows.
create table 店铺 (店铺编号 varchar(20), 类型 varchar(20), 开店时间 timestamp, 行业 varchar(20), 省份 varchar(20), 状态 varchar(20));
insert into 店铺 values ('D1', '企业', '2020-01-01 00:00:00', '服装', '浙江', '正常'), ('D2', '个人', '2021-01-01 00:00:00', '食品', '广东', '冻结');
create table 订单 (
    订单编号 varchar(30), 店铺编号 varchar(20), 买家编号 varchar(20), 订单状态 varchar(20), 下单时间 timestamp, 付款时间 timestamp, 发货时间 timestamp,
    收货时间 timestamp, 订单金额 numeric(12, 2), 运费 numeric(12, 2), 类目 varchar(20), 修改时间 timestamp
);
insert into 订单 values
('20250101001', 'D1', 'M1', '已完成', '2025-01-01 10:00:00', '2025-01-01 10:01:00', '2025-01-02 10:00:00', '2025-01-05 10:00:00', 99.00, 10.00, '外套', '2025-01-05 10:00:00'),
('20250101002', 'D2', 'M2', '待付款', '2025-01-01 11:00:00', null, null, null, 20.00, 0.00, '零食', '2025-01-01 11:00:00');
create table 退款 (退款编号 varchar(30), 订单编号 varchar(30), 店铺编号 varchar(20), 退款金额 numeric(12, 2), 原因 varchar(40), 申请时间 timestamp, 完成时间 timestamp);
insert into 退款 values ('T1', '20250101001', 'D1', 99.00, '破损', '2025-01-06 10:00:00', '2025-01-08 10:00:00');
create table zijin_liushui (
    liushui_hao varchar(30), shanghu_hao varchar(20), dingdan_hao varchar(30), fangxiang varchar(10), leixing varchar(20), jine numeric(12, 2),
    jiaoyi_shijian timestamp, yue numeric(12, 2)
);
insert into zijin_liushui values ('Z1', 'D1', '20250101001', '收入', '收款', 99.00, '2025-01-01 10:01:00', 199.00), ('Z2', 'D1', null, '支出', '提现', 50.00, '2025-01-09 10:01:00', 149.00);
