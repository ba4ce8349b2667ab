"""Space and time: says where and when something is, and whether two such things meet."""
