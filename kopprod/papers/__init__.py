"""Papers: slips, receipts and statements as PDF from templates, and as text for WhatsApp."""
