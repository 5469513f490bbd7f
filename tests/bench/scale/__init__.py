"""What limits how many requests a second: keys, feed, functions, secrets; worked out from the real layout."""
