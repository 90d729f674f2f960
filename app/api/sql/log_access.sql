-- What was refused, and what an operator did.
INSERT INTO access_log (at, act, caller, role, method, path, account_id, outcome, request_id)
VALUES (
  %(at)s, %(act)s, %(caller)s, %(role)s, %(method)s, %(path)s, %(account_id)s, %(outcome)s,
  %(request_id)s
)
