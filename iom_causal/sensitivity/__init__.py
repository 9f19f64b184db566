"""How strong something would have to be to change what is concluded."""
