-- Where each night's backup is put back to prove it; made once, with PostgreSQL's own folder.
CREATE DATABASE kopprod_prove;
