"""KopProd: what a producer cooperative makes, sells together and brings home."""
