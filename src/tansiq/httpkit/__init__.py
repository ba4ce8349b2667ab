"""HTTP into arguments, our errors into HTTP, and what keeps a stranger's connection cheap; it knows no airspace."""
