let order = ;
