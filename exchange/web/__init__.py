"""What every request passes: headers, CSRF, callers, limits, problem documents, the access log, the OpenAPI document."""
