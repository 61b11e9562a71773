"""What every screen shares: opening a page, acting, showing money and quantities."""
