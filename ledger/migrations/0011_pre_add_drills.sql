-- Whether faults may be injected into this ledger: decided when it is made, and for good.
ALTER TABLE ledger ADD COLUMN drills boolean NOT NULL DEFAULT false
