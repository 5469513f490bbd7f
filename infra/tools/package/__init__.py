"""What `make package` writes for those who protect an API of their own."""
