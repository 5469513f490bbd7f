"""`make package`: the wheel, and the template with its zips, for those who protect APIs of their own."""
