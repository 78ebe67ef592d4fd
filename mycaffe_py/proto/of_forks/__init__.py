"""What forks of Caffe call otherwise, read as what it is called here."""
