"""Published renditions: plain files of their own, named by signed statements, for anyone without an account."""
