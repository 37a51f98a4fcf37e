-- Task 17: the same service twice.

local common = require "common"

local OK, NOT_FOUND = 0, 5
local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(bytes)
    local parts = {}
    for at = 1, #bytes, 3 do
        local a, b, c = bytes:byte(at, at + 2)
        local three = a << 16 | (b or 0) << 8 | (c or 0)
        for k = 0, 3 do
            local letter = three >> (18 - 6 * k) & 63
            parts[#parts + 1] = (k == 3 and c == nil or k == 2 and b == nil) and "=" or ALPHABET:sub(letter + 1, letter + 1)
        end
    end
    return table.concat(parts)
end

local function escaped(key)
    return (key:gsub("[^%w%-_.~]", function(c) return string.format("%%%02X", c:byte()) end))
end

local function request(method, path, body, more)
    return method .. " " .. path .. " HTTP/1.1\r\nHost: eddy.test\r\n" .. (more or "") ..
        (body and "Content-Length: " .. #body .. "\r\n\r\n" .. body or "\r\n")
end

local function value_of(bytes) return '{"value": "' .. base64(bytes) .. '"}' end

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local rest_at, grpc_at, s, h

        -- The next answer on a connection: { status =, headers =, body =, bytes = }.
        local function answer(what, from, timeout)
            local head, why, part = from:receive_until("\r\n\r\n", timeout or "1s")
            if head == nil then
                w:fail { what = "the answer to " .. what, expected = "an answer", seen = why .. ": " .. common.shown(part) }
            end
            local a = { status = tonumber(head:match("^HTTP/1%.1 (%d%d%d) ")), headers = {}, body = "", bytes = #head }
            if a.status == nil then
                w:fail { what = "the answer to " .. what, expected = "HTTP/1.1 and a status", seen = common.shown(head) }
            end
            for name, value in head:gmatch("\r\n([^:\r\n]+):[ \t]*([^\r\n]*)") do a.headers[name:lower()] = value end
            local length = tonumber(a.headers["content-length"])
            if length == nil and a.status ~= 204 and a.status >= 200 then
                w:fail { what = "the answer to " .. what, expected = "Content-Length", seen = common.shown(head) }
            end
            if length and length > 0 then
                a.body = from:receive(length, timeout or "1s") or w:fail("the body of the answer to " .. what .. " is not whole")
                a.bytes = a.bytes + length
            end
            return a
        end

        local function status(what, bytes, wanted, from)
            from = from or s
            from:send(bytes)
            local a = answer(what, from)
            w:expect("the status of " .. what, a.status, wanted)
            return a
        end

        local function value(what, a)
            local body = a.body:gsub("\\/", "/"):match('^%s*{%s*"value"%s*:%s*"([A-Za-z0-9+/=]*)"%s*}%s*$')
            if body == nil then w:fail { what = what, expected = '{"value": base64}', seen = common.shown(a.body) } end
            return body
        end

        local function rpc(what, path, message, wanted) return common.rpc(w, h, what, { path = path, message = message }, wanted) end

        w:step("what is put by one is got by the other", function()
            rest_at = common.listen(w, { proto = "http" })
            grpc_at = common.listen(w, { proto = "grpc" })
            s, h = common.connect(w, rest_at), common.http2(w, grpc_at)
            status("a GET of what is not there", request("GET", "/kv/a"), 404)
            status("a PUT", request("PUT", "/kv/a", value_of("one")), 204)
            w:expect("the value by gRPC", rpc("a Get", "Get", common.pb_bytes(1, "a"), OK)[1], "one")
            for _, key in ipairs { "b", "a key/with%signs?", "käse", "\1\127" } do
                local bytes = common.noise(w, w:random(0, 100))
                rpc("a Put", "Put", common.put(key, bytes), OK)
                local a = status("a GET of " .. escaped(key), request("GET", "/kv/" .. escaped(key)), 200)
                w:expect("the value of " .. escaped(key), value("the answer", a), base64(bytes))
            end
            rpc("a Get of what is not there", "Get", common.pb_bytes(1, "none"), NOT_FOUND)
        end)

        w:step("what cannot be done is said, and the connection stays", function()
            status("a PUT of no JSON", request("PUT", "/kv/a", "one"), 400)
            status("a PUT without a value", request("PUT", "/kv/a", "{}"), 400)
            status("a PUT of no base64", request("PUT", "/kv/a", '{"value": "o!e="}'), 400)
            status("a GET of another path", request("GET", "/"), 404)
            status("a DELETE", request("DELETE", "/kv/a"), 405)
            local a = status("a GET", request("GET", "/kv/a"), 200)
            w:expect("the value", value("the answer", a), base64("one"))
        end)

        w:step("requests are cut anywhere, and many come in one piece", function()
            local bytes = request("PUT", "/kv/cut", value_of("in pieces")) .. request("GET", "/kv/cut")
            for place = 1, #bytes - 1 do
                s:send_pieces(bytes, { place }, "1ms")
                w:expect("the PUT that is cut after byte " .. place, answer("the PUT", s).status, 204)
                w:expect("the GET behind it", answer("the GET", s).status, 200)
            end
            local parts = {}
            for i = 1, 100 do
                parts[2 * i - 1] = request("PUT", "/kv/p" .. i, value_of("value " .. i))
                parts[2 * i] = request("GET", "/kv/p" .. i)
            end
            s:send(table.concat(parts))
            for i = 1, 100 do
                w:expect("the status of PUT " .. i, answer("PUT " .. i, s).status, 204)
                w:expect("the value of GET " .. i, value("the answer", answer("GET " .. i, s)), base64("value " .. i))
            end
        end)

        w:step("bodies in chunks", function()
            local text = "in chunks, and rather more of them than needed"
            local body = value_of(text)
            local function chunked(sizes, more)
                local parts, at, k = {}, 1, 1
                while at <= #body do
                    local piece = body:sub(at, at + sizes[k] - 1)
                    parts[#parts + 1] = string.format(k % 2 == 0 and "%x" or "00%X", #piece) .. (more or "") .. "\r\n" .. piece .. "\r\n"
                    at, k = at + #piece, k % #sizes + 1
                end
                return "PUT /kv/chunks HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" .. table.concat(parts) .. "0\r\n"
            end
            local get = request("GET", "/kv/chunks")
            for _, bytes in ipairs { chunked { 1 } .. "\r\n", chunked { 16, 3 } .. "\r\n", chunked { 1000 } .. "\r\n",
                chunked({ 7 }, ";name=value") .. "\r\n", chunked { 30 } .. "Checksum: x\r\nMore: y\r\n\r\n" } do
                s:send(bytes .. get)
                w:expect("the status of a PUT in chunks", answer("a PUT in chunks", s).status, 204)
                w:expect("the value", value("the answer", answer("the GET behind it", s)), base64(text))
                rpc("a Put in between", "Put", common.put("chunks", "other"), OK)
            end
        end)

        w:step("100 Continue, when a client waits for it", function()
            local body = value_of("later")
            s:send("PUT /kv/later HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: " .. #body .. "\r\n\r\n")
            w:expect("the first answer", answer("the head of a PUT", s, "5ms").status, 100)
            w:sleep("20ms")
            w:expect("what else has come before the body", s:peek(), "")
            status("the body", body, 204)
            s:send(request("PUT", "/kv/later", body, "Expect: 100-continue\r\n"))
            local a = answer("a PUT that does not wait", s)
            if a.status == 100 then a = answer("a PUT that does not wait", s) end
            w:expect("the status of a PUT that does not wait", a.status, 204)
        end)

        w:step("a connection is kept, unless somebody says otherwise", function()
            for _, bytes in ipairs { request("GET", "/kv/a", nil, "Connection: close\r\n"), "GET /kv/a HTTP/1.0\r\n\r\n" } do
                local other = common.connect(w, rest_at)
                status("a GET that is the last", bytes, 200, other)
                common.ends(w, other, "the connection", "100ms")
            end
            w:sleep("10s")
            status("a GET ten seconds later", request("GET", "/kv/a"), 200)
        end)

        w:step("a slow request holds up all that are pipelined behind it", function()
            local parts, begun = { request("GET", "/slow/1000") }, w:now()
            for i = 2, 100 do parts[i] = request("GET", "/kv/p" .. i % 50 + 1) end
            s:send(table.concat(parts))
            local first = answer("the slow request", s, "5s")
            w:expect_near("seconds until the first answer", w:now() - begun, 1.002, 0.005)
            w:expect("its status", { first.status, first.body }, { 200, "{}" })
            for i = 2, 100 do
                w:expect("the value in answer " .. i, value("the answer", answer("request " .. i, s)), base64("value " .. i % 50 + 1))
            end
            w:expect_near("seconds until the last answer", w:now() - begun, 1.002, 0.005)
        end)

        w:step("a slow call holds up no other stream", function()
            local slow, begun = h:call { path = "/kv.Store/Slow", message = common.pb_number(1, 1000) }, w:now()
            local calls = {}
            for i = 2, 100 do calls[i] = h:call { path = "/kv.Store/Get", message = common.pb_bytes(1, "p" .. i % 50 + 1) } end
            for i = 2, 100 do
                w:expect("the value in answer " .. i, common.rpc_end(w, "call " .. i, calls[i], OK)[1], "value " .. i % 50 + 1)
            end
            w:expect_at_most("seconds until the 99 behind it were answered", w:now() - begun, 0.007)
            common.rpc_end(w, "the slow call", slow, OK)
        end)

        w:step("bytes an answer", function()
            local count = 300
            local text = ("x"):rep(20)
            local far = common.connect(w, rest_at, { latency = "50ms" })
            local begun, rest_bytes = w:now(), 0
            for i = 1, count do
                status("a PUT", request("PUT", "/kv/n" .. i % 10, value_of(text)), 204, far)
                rest_bytes = rest_bytes + status("a GET", request("GET", "/kv/n" .. i % 10), 200, far).bytes
            end
            local rest_time = w:now() - begun
            local g, wire = common.http2(w, grpc_at, {}, { latency = "50ms" })
            local function bytes() return (wire.seen[0] or 0) + (wire.seen[1] or 0) + (wire.seen[9] or 0) end
            local warm, grpc_bytes = 20, 0
            for i = 1, warm do common.rpc(w, g, "a Get", { path = "Get", message = common.pb_bytes(1, "n1") }, OK) end
            begun = w:now()
            for i = 1, count do
                common.rpc(w, g, "a Put", { path = "Put", message = common.put("n" .. i % 10, text) }, OK)
                local before = bytes()
                common.rpc(w, g, "a Get", { path = "Get", message = common.pb_bytes(1, "n" .. i % 10) }, OK)
                grpc_bytes = grpc_bytes + bytes() - before
            end
            w:tell(string.format("an answer with 20 bytes: %.0f bytes of REST, %.0f of gRPC; %d puts and gets, one after the other at " ..
                "100 ms there and back, took %.1f s and %.1f s", rest_bytes / count, grpc_bytes / count, count, rest_time, w:now() - begun))
            w:expect_at_most("bytes of a REST answer with 20 bytes", rest_bytes / count, 400)
            w:expect_at_most("bytes of a gRPC answer, besides its message of 22", grpc_bytes / count - 22, 50)
        end)

        w:step("what can be read in two ways is refused", function()
            local function head(more) return "PUT /kv/evil HTTP/1.1\r\nHost: a\r\n" .. more .. "\r\n" end
            local hidden = request("PUT", "/kv/hidden", value_of("x"))
            local cases = {
                { "two lengths", 400, head("Content-Length: 5\r\nContent-Length: 6\r\n") .. "123456" },
                { "the same length twice", 400, head("Content-Length: 5\r\nContent-Length: 5\r\n") .. "12345" },
                { "a length and chunks", 400, head("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n") .. "0\r\n\r\n" .. hidden },
                { "chunks and a length", 400, head("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n") .. "0\r\n\r\n" .. hidden },
                { "a length of +5", 400, head("Content-Length: +5\r\n") .. "12345" },
                { "a length of -5", 400, head("Content-Length: -5\r\n") .. "12345" },
                { "a length of 0x5", 400, head("Content-Length: 0x5\r\n") .. "12345" },
                { "a length of 5, 5", 400, head("Content-Length: 5, 5\r\n") .. "12345" },
                { "a chunk of xyz", 400, head("Transfer-Encoding: chunked\r\n") .. "xyz\r\n" },
                { "a chunk of -1", 400, head("Transfer-Encoding: chunked\r\n") .. "-1\r\n" .. hidden },
                { "a chunk of 0x5", 400, head("Transfer-Encoding: chunked\r\n") .. "0x5\r\n12345\r\n0\r\n\r\n" },
                { "a chunk longer than it says", 400, head("Transfer-Encoding: chunked\r\n") .. "3\r\n12345\r\n0\r\n\r\n" },
                { "a chunk of 2^64", 400, head("Transfer-Encoding: chunked\r\n") .. "10000000000000000\r\n" },
                { "a blank in front of the colon", 400, head("Content-Length : 5\r\n") .. "12345" },
                { "a header that goes on in the next line", 400, head("X-A: 1\r\n 2\r\n") },
                { "a header without a colon", 400, head("hello\r\n") },
                { "no version", 400, "GET /kv/a\r\n\r\n" },
                { "a head of 20 KB", 431, head(("X-A: " .. ("a"):rep(95) .. "\r\n"):rep(200)) },
                { "a header without an end", 431, "GET /kv/a HTTP/1.1\r\nX-A: " .. ("a"):rep(20000) },
                { "a body of 2 MB", 413, head("Content-Length: 2000000\r\n") },
            }
            for _, case in ipairs(cases) do
                local other = common.connect(w, rest_at)
                status(case[1], case[3], case[2], other)
                local rest, how = other:receive_all("2s")
                w:expect("what comes after the answer to " .. case[1], rest, "")
                w:expect("the end of the connection after " .. case[1], how ~= "timeout", true)
                other:close()
            end
            status("a GET of what was hidden in them", request("GET", "/kv/hidden"), 404)
            status("a GET of what they were to put", request("GET", "/kv/evil"), 404)
        end)
    end,
}
