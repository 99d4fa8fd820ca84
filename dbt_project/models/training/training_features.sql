{{ seller_features("training") }}
