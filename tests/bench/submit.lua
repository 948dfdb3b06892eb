-- A job of about 500 bytes.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"prompt": "' .. string.rep("a harbour at dusk ", 25) .. '", "count": 1, "size": "1mp", "seed": 7}'
