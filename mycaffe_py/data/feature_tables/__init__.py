"""Tables of features that a frozen base has computed once."""
