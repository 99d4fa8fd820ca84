{{ seller_features(ref("training_spine")) }}
