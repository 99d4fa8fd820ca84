-- Accounts of a payment service with Portuguese names: no orders; made-up rows.
create table contas (
    conta_id bigint, tipo varchar(10), data_abertura date, ramo varchar(40), uf varchar(2), situacao varchar(20), titular_cpf_cnpj varchar(20)
);
insert into contas values (1, 'PJ', '2020-01-01', 'Moda', 'SP', 'ativa', '11222333000144'), (2, 'PF', '2021-01-01', 'Beleza', 'RJ', 'bloqueado', '12345678901');
create table movimentacoes (
    id_movimento bigint, conta_id bigint, tipo_movimento varchar(30), forma_pagamento varchar(30), valor numeric(14, 2), data_movimento timestamp,
    saldo_apos numeric(14, 2), contraparte varchar(60), descricao varchar(200)
);
insert into movimentacoes values
(1, 1, 'venda', 'pix', 100.00, '2025-01-01 10:00:00', 100.00, 'Maria da Silva', 'PIX de Maria da Silva'),
(2, 1, 'tarifa', 'debito', -1.50, '2025-01-02 10:00:00', 98.50, null, 'Tarifa mensal'),
(3, 1, 'saque', 'pix', -50.00, '2025-01-03 10:00:00', 48.50, 'Loja Azul', 'Saque'),
(4, 2, 'venda', 'cartao', 10.00, '2025-01-03 10:00:00', 10.00, 'Jose Souza', 'Venda');
