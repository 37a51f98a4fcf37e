-- Task 13: HTTP/2, many streams on one wire.

local common = require "common"

local DATA, HEADERS, RST, SETTINGS, PUSH, PING, WINDOW, CONTINUATION = 0, 1, 3, 4, 5, 6, 8, 9
local END_STREAM, END_HEADERS, PADDED, PRIORITY = 1, 4, 8, 32
local frame = common.h2_frame

-- A header block by hand: GET / of http, and more.
local GET = "\130\134\132\1\1a"
local POST = "\131\134\132\1\1a"

-- A literal that goes into the table.
local function kept(name, value) return "\64" .. string.pack(">s1s1", name, value) end

local function u16u32(id, value) return string.pack(">I2I4", id, value) end

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local at

        -- The whole answer, which must come.
        local function answer(what, s, timeout)
            local a, why, code = s:answer(timeout or "2s")
            if a == nil then
                local h = s.connection
                w:fail { what = what, expected = "an answer",
                    seen = h.fault or (h.goaway and "GOAWAY, code " .. h.goaway.code) or why .. (code and ", code " .. code or "") }
            end
            w:expect("the status of " .. what, a.status, 200)
            return a
        end

        -- Sends a POST and expects its body and its headers x-... back.
        local function post(what, h, headers, body, timeout)
            local a = answer(what, h:begin { method = "POST", path = "/", headers = headers, body = body }, timeout)
            common.expect_bytes(w, "the body of " .. what, a.body, body)
            for _, header in ipairs(headers) do
                if header[1]:sub(1, 2) == "x-" then
                    w:expect("header " .. header[1] .. " of " .. what, a.headers.by_name[header[1]], header[2])
                end
            end
            return a
        end

        local function get(what, h) w:expect("the body of " .. what, answer(what, h:begin { path = "/" }).body, "hello") end

        w:step("a GET is hello, a POST comes back", function()
            at = common.listen(w, { proto = "h2" })
            local h = common.http2(w, at)
            get("a GET", h)
            post("a POST", h, { { "x-one", "1" }, { "x-two", "two words" } }, "body")
            local a = post("a POST with a header of another kind", h, { { "y", "no" } }, "")
            w:expect("a header that does not begin with x-", a.headers.by_name["y"], nil)
        end)

        w:step("frames may come in pieces", function()
            local h, wire = common.http2(w, at)
            for _, size in ipairs { 1, 7, 100 } do
                wire.pieces = size
                post("a POST in pieces of " .. size, h, { { "x-size", tostring(size) } }, common.noise(w, 300))
            end
        end)

        w:step("SETTINGS are acknowledged and hold at once, for streams that are open too", function()
            local h, wire = common.http2(w, at, { window = 0, manual = true })
            local s = h:begin { method = "POST", body = ("x"):rep(1000) }
            w:sleep("5ms")
            w:expect("acknowledgements", h.settings_acked, 1)
            w:expect("bytes of DATA at a window of 0", wire.data, 0)
            h:settings { window = 300 }
            w:sleep("5ms")
            w:expect("acknowledgements", h.settings_acked, 2)
            w:expect("bytes of DATA at a window of 300", wire.data, 300)
            h:settings { window = 100 }
            s:window(150)
            w:sleep("5ms")
            w:expect("bytes of DATA after 200 less and 150 more", wire.data, 300)
            s:window(100)
            w:sleep("5ms")
            w:expect("bytes of DATA after 100 more", wire.data, 350)
            h:settings { window = 5000 }
            w:expect("the whole body", #answer("the POST", s).body, 1000)
        end)

        w:step("two hundred streams, frame by frame", function()
            local h = common.http2(w, at)
            local all = {}
            for i = 1, 200 do
                all[i] = { body = {}, s = h:begin { method = "POST", open = true, headers = { { "x-number", tostring(i) } } } }
            end
            for round = 1, 5 do
                for _, one in ipairs(w:shuffle(all)) do
                    one.body[round] = common.noise(w, w:random(0, 60))
                    one.s:send(one.body[round])
                end
            end
            for _, one in ipairs(w:shuffle(all)) do one.s:finish() end
            for i, one in ipairs(all) do
                local a = answer("stream " .. one.s.id, one.s)
                w:expect("the header of stream " .. one.s.id, a.headers.by_name["x-number"] ~= nil, true)
                common.expect_bytes(w, "the body of stream " .. one.s.id, a.body, table.concat(one.body))
            end
        end)

        w:step("header blocks are cut anywhere", function()
            local h, wire = common.http2(w, at)
            wire.change = function(kind, flags, stream, payload)
                if kind ~= HEADERS then return nil end
                local parts, from, next_kind = {}, 1, HEADERS
                for _ = 1, w:random(1, 6) do
                    local to = w:random(from - 1, math.min(#payload, from + 20))
                    parts[#parts + 1] = frame(next_kind, next_kind == HEADERS and flags & END_STREAM or 0, stream, payload:sub(from, to))
                    from, next_kind = to + 1, CONTINUATION
                end
                return table.concat(parts) .. frame(CONTINUATION, END_HEADERS, stream, payload:sub(from))
            end
            for i = 1, 30 do
                post("request " .. i, h, { { "x-a", any.string { max = 30, alphabet = "abc019" } }, { "x-b", tostring(i) } }, "b")
            end
            wire.change = nil
            local large = {}
            for i = 1, 40 do large[i] = { "x-large-" .. i, ("%03d"):format(i) .. ("~"):rep(997) } end
            post("a request with 40 KB of headers", h, large, "b")
        end)

        w:step("padding and priorities are skipped", function()
            local h, wire = common.http2(w, at)
            wire.change = function(kind, flags, stream, payload)
                if kind ~= HEADERS and kind ~= DATA then return nil end
                local padding = w:random(0, 255)
                local priority = kind == HEADERS and w:random(0, 1) == 1
                return frame(kind, flags | PADDED | (priority and PRIORITY or 0), stream,
                    string.char(padding) .. (priority and "\0\0\0\0\15" or "") .. payload .. ("\0"):rep(padding)) ..
                    frame(2, 0, stream, "\0\0\0\0\99")
            end
            for i = 1, 30 do post("request " .. i, h, { { "x-i", tostring(i) } }, common.noise(w, w:random(0, 3000))) end
        end)

        w:step("unknown frames, settings and flags are ignored", function()
            local h, wire = common.http2(w, at)
            h:frame(99, 255, 0, "what?")
            h:frame(10, 0, 1, "")
            wire.change = function(kind, flags, stream, payload)
                if kind == SETTINGS and flags == 0 then payload = payload .. u16u32(77, 5) end
                return frame(kind, kind == DATA and flags | 0xf6 & ~PADDED or flags, stream, payload)
            end
            h:settings { window = 60000 }
            post("a POST", h, { { "x-a", "1" } }, "body")
        end)

        w:step("strings in the Huffman code, of every byte", function()
            local h = common.http2(w, at)
            for from = 32, 255, 32 do
                local headers = {}
                for byte = from, from + 31 do
                    if byte ~= 127 then
                        headers[#headers + 1] = { "x-" .. byte, ("aeiost012"):rep(8) .. string.char(byte):rep(4) .. "e" }
                    end
                end
                post("bytes " .. from .. " and on", h, headers, "")
            end
        end)

        w:step("the dynamic table grows, forgets and is resized", function()
            local h = common.http2(w, at)
            for i = 1, 60 do
                local headers = {}
                for k = 1, w:random(1, 8) do
                    headers[k] = { "x-" .. k, ("v" .. w:random(1, 9)):rep(w:random(1, 2) == 1 and 3 or 200) }
                end
                post("request " .. i, h, headers, "")
            end
            -- By hand, to see each case: what is looked for must be there, under its number.
            local wire
            local cases = {
                { "a literal that is kept", kept("x-a", "1"), { ["x-a"] = "1" } },
                { "it again, by its number", "\190", { ["x-a"] = "1" } },
                { "another one before it", kept("x-b", "2") .. "\191", { ["x-a"] = "1", ["x-b"] = "2" } },
                { "a name of the table with another value", "\127\0\1" .. "3" .. "\190", { ["x-a"] = "3" } },
                { "a literal that is not kept", "\0\3x-c\1" .. "4" .. "\16\3x-d\1" .. "5" .. "\190",
                    { ["x-c"] = "4", ["x-d"] = "5", ["x-a"] = "3" } },
                { "one that fills the table", kept("x-e", ""):sub(1, -2) .. "\127\138\30" .. ("e"):rep(3977) .. "\191",
                    { ["x-e"] = ("e"):rep(3977), ["x-a"] = "3" } },
                { "after a size of 0 and of 4096, two more", "\32\63\225\31" .. kept("x-f", "6") .. kept("x-g", "7") .. "\191",
                    { ["x-f"] = "6", ["x-g"] = "7" } },
            }
            h, wire = common.http2(w, at)
            local number = 0
            wire.change = function(kind, flags, stream)
                if kind ~= HEADERS then return nil end
                number = number + 1
                local size = cases[number][2]:match("^ ?\63\225\31") or ""
                return frame(kind, flags, stream, size .. POST .. cases[number][2]:sub(#size + 1))
            end
            for i, case in ipairs(cases) do
                local a = answer(case[1], h:begin { method = "POST", body = "" })
                for name, value in pairs(case[3]) do
                    w:expect("header " .. name .. " of " .. case[1], a.headers.by_name[name], value)
                end
            end
        end)

        w:step("answers keep to the table that the client has room for", function()
            for _, size in ipairs { 0, 100, 4096, 65536 } do
                local h = common.http2(w, at, { header_table = size })
                for i = 1, 20 do
                    if i == 10 then h:settings { header_table = w:pick { 0, 64, 200, 4096 } } end
                    if i == 15 then
                        h:settings { header_table = 0 }
                        h:settings { header_table = 4096 }
                    end
                    post("request " .. i .. ", table of " .. size, h,
                        { { "x-a", tostring(i % 3) }, { "x-b", ("b"):rep(w:random(1, 60)) } }, "")
                end
            end
        end)

        w:step("headers of a stream that failed are remembered all the same", function()
            local h = common.http2(w, at)
            local bad = h:begin { method = "POST", body = "",
                headers = { { "x-a", "before" }, { "connection", "close" }, { "x-b", "after" } } }
            local _, why, code = bad:answer("100ms")
            w:expect("a request with a header that HTTP/2 does not have", { why, code }, { "reset", 1 })
            post("the next request", h, { { "x-a", "before" }, { "x-b", "after" } }, "")
            local cancelled = h:begin { method = "POST", open = true, headers = { { "x-c", "third" } } }
            cancelled:cancel()
            post("one after a cancelled one", h, { { "x-c", "third" }, { "x-b", "after" } }, "")
        end)

        w:step("no more DATA than the stream's window allows", function()
            local h, wire = common.http2(w, at, { window = 1, manual = true })
            local s = h:begin { method = "POST", body = "0123456789" }
            for n = 1, 9 do
                w:sleep("3ms")
                w:expect("bytes of DATA at a window of " .. n, wire.data, n)
                s:window(1)
            end
            w:expect("the whole body", answer("the POST", s).body, "0123456789")
            local other = h:begin { method = "POST", body = ("x"):rep(60000) }
            other:window(49999)
            w:sleep("5ms")
            w:expect("bytes of DATA at a window of 50,000", wire.data, 50010)
        end)

        w:step("no more DATA than the connection's window allows", function()
            local h, wire = common.http2(w, at, { window = 1000000, manual = true })
            local all = {}
            for i = 1, 3 do all[i] = h:begin { method = "POST", body = ("x"):rep(40000) } end
            w:sleep("30ms")
            w:expect("bytes of DATA on three streams, at a window of 65,535", wire.data, 65535)
            h:window(1000)
            w:sleep("5ms")
            w:expect("bytes of DATA after 1,000 more", wire.data, 66535)
            local stalled = h:begin { path = "/" }
            w:sleep("5ms")
            w:expect("headers need no window", stalled.status, 200)
            w:expect("a ping is answered while all stand still", h:ping("12345678", "5ms").bytes, "12345678")
            h:window(1000000)
            for i, s in ipairs(all) do w:expect("the body of " .. i, #answer("stream " .. i, s).body, 40000) end
        end)

        w:step("a megabyte each way, eight at once", function()
            local h = common.http2(w, at)
            local body = common.noise(w, 1 << 20)
            w:all({ 1, 2, 3, 4, 5, 6, 7, 8 }, function(i) post("body " .. i, h, {}, body, "20s") end)
        end)

        w:step("an error of a stream ends that stream", function()
            local cases = {
                { "a window that grows by 0", 1, function(h, s) h:frame(WINDOW, 0, s.id, "\0\0\0\0") end },
                { "a window above 2^31 - 1", 3, function(h, s) h:frame(WINDOW, 0, s.id, "\127\255\255\255") end, true },
                { "DATA after the end", 5, function(h, s) h:frame(DATA, 0, s.id, "more") end },
                { "HEADERS after the end", 5, function(h, s) h:frame(HEADERS, END_HEADERS | END_STREAM, s.id, "") end },
            }
            for _, case in ipairs(cases) do
                local h = common.http2(w, at, { window = 10, manual = true })
                local s = h:begin { method = "POST", body = ("x"):rep(1000), open = case[4] }
                w:sleep("3ms")
                case[3](h, s)
                w:await("the stream ends after " .. case[1], "50ms", function() return s.reset end)
                w:expect("the code for " .. case[1], s.reset, case[2])
                h:settings { window = 65535 }
                get("a request after " .. case[1], h)
            end
            local h = common.http2(w, at)
            for _, bad in ipairs { { "te", "gzip" }, { "connection", "close" }, { ":status", "200" }, { "content-length", "5" } } do
                local _, why, code = h:request({ method = "POST", body = "four", headers = { bad } }, "50ms")
                w:expect("a request with " .. bad[1] .. ": " .. bad[2], { why, code }, { "reset", 1 })
            end
            get("a good request", h)
        end)

        w:step("an error of the connection is GOAWAY and the end", function()
            local cases = {
                { "an even stream", 1, frame(HEADERS, END_HEADERS | END_STREAM, 4, GET) },
                { "DATA on stream 0", 1, frame(DATA, 0, 0, "x") },
                { "HEADERS on stream 0", 1, frame(HEADERS, END_HEADERS | END_STREAM, 0, GET) },
                { "DATA on a stream that was never opened", 1, frame(DATA, 0, 9, "x") },
                { "RST_STREAM of a stream that was never opened", 1, frame(RST, 0, 9, "\0\0\0\8") },
                { "a frame of 16,385 bytes", 6, frame(HEADERS, END_HEADERS, 3, ("x"):rep(16385)) },
                { "a frame of 16 MB that is only announced", 6, string.pack(">I3I1I1I4", 0xffffff, DATA, 0, 1) },
                { "the connection's window growing by 0", 1, frame(WINDOW, 0, 0, "\0\0\0\0") },
                { "the connection's window above 2^31 - 1", 3, frame(WINDOW, 0, 0, "\127\255\255\255") },
                { "a WINDOW_UPDATE of 3 bytes", 6, frame(WINDOW, 0, 0, "\0\0\1") },
                { "a CONTINUATION of another stream", 1,
                    frame(HEADERS, END_STREAM, 3, GET) .. frame(CONTINUATION, END_HEADERS, 5, "") },
                { "a PING inside of a header block", 1,
                    frame(HEADERS, END_STREAM, 3, GET) .. frame(PING, 0, 0, "12345678") .. frame(CONTINUATION, END_HEADERS, 3, "") },
                { "a CONTINUATION of nothing", 1, frame(CONTINUATION, END_HEADERS, 1, "") },
                { "a number of no header", 9, frame(HEADERS, END_HEADERS | END_STREAM, 3, GET .. "\255\100") },
                { "header number 0", 9, frame(HEADERS, END_HEADERS | END_STREAM, 3, GET .. "\128") },
                { "a literal that is cut off", 9, frame(HEADERS, END_HEADERS | END_STREAM, 3, GET .. "\64\5x-a") },
                { "Huffman code that ends in zeros", 9, frame(HEADERS, END_HEADERS | END_STREAM, 3, GET .. "\0\1x\129\24") },
                { "Huffman code with an end inside", 9, frame(HEADERS, END_HEADERS | END_STREAM, 3, GET .. "\0\1x\132\255\255\255\255") },
                { "a table larger than agreed", 9, frame(HEADERS, END_HEADERS | END_STREAM, 3, "\63\226\31" .. GET) },
                { "a header of before a size of 0", 9, frame(HEADERS, END_HEADERS, 3, POST .. kept("x", "y")) ..
                    frame(HEADERS, END_HEADERS | END_STREAM, 5, "\32" .. GET .. "\190") },
                { "a PING of 7 bytes", 6, frame(PING, 0, 0, "1234567") },
                { "a PING on a stream", 1, frame(PING, 0, 1, "12345678") },
                { "SETTINGS of 5 bytes", 6, frame(SETTINGS, 0, 0, "12345") },
                { "SETTINGS on a stream", 1, frame(SETTINGS, 0, 1, "") },
                { "an acknowledgement with something in it", 6, frame(SETTINGS, 1, 0, u16u32(4, 5)) },
                { "an initial window of 2^31", 3, frame(SETTINGS, 0, 0, u16u32(4, 0x80000000)) },
                { "a frame size of 100", 1, frame(SETTINGS, 0, 0, u16u32(5, 100)) },
                { "a PUSH_PROMISE", 1, frame(PUSH, END_HEADERS, 1, "\0\0\0\2" .. GET) },
                { "more padding than there is", 1, frame(DATA, PADDED, 1, "\5abcd") },
            }
            w:all(cases, function(case)
                local h, wire = common.http2(w, at)
                local open = h:begin { method = "POST", open = true }
                w:sleep("5ms")
                wire.socket:send(case[3])
                local goaway = h:wait_goaway("50ms")
                w:expect("the code in GOAWAY after " .. case[1], goaway and goaway.code or "no GOAWAY", case[2])
                w:expect_between("the last stream in GOAWAY after " .. case[1], goaway.last, 1, 5)
                w:expect("the connection ends after " .. case[1], h:wait_close("1500ms"), true)
                wire.socket:close()
            end)
            local s = common.connect(w, at)
            s:send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            w:expect("the end of a connection that is not HTTP/2", s:wait_end("1500ms") ~= nil, true)
            get("another connection", (common.http2(w, at)))
        end)
    end,
}
