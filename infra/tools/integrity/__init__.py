"""An auditor of the tables: reads everything, changes nothing, and says which promise of the design is broken."""
