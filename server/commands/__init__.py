"""What the commands of ``liangpai`` do, one file a group."""
