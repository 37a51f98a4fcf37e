-- Task 14: gRPC, one call, one answer, one status.

local common = require "common"

local OK, INVALID, DEADLINE, NOT_FOUND, EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 3, 4, 5, 8, 12, 13

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local at, h

        local function rpc(what, call, status) return common.rpc(w, h, what, call, status) end
        local function put(key, value) return { path = "Put", message = common.put(key, value) } end
        local function get(key) return { path = "Get", message = common.pb_bytes(1, key) } end
        local function slow(ms, timeout) return { path = "Slow", message = common.pb_number(1, ms), timeout = timeout } end

        w:step("a put is got", function()
            at = common.listen(w, { proto = "grpc" })
            h = common.http2(w, at)
            rpc("a Put", put("a", "one"), OK)
            local found = rpc("a Get", get "a", OK)
            w:expect("the value", found[1], "one")
            rpc("a Put of nothing", put("empty", ""), OK)
            w:expect("a value of no bytes", rpc("a Get", get "empty", OK)[1] or "", "")
        end)

        w:step("the status comes last, in the trailers", function()
            local _, s = rpc("a Get", get "a", OK)
            w:expect("content-type", s.headers.by_name["content-type"]:sub(1, 16), "application/grpc")
            w:expect("grpc-status in front of the message", s.headers.by_name["grpc-status"], nil)
            w:expect("grpc-status behind the message", s.trailers.by_name["grpc-status"], "0")
            rpc("a Get of what is not there", get "none", NOT_FOUND)
            rpc("a Get without a key", get "", INVALID)
            rpc("a Put without a key", put("", "x"), INVALID)
            rpc("a method that is not there", { path = "Del", message = "" }, UNIMPLEMENTED)
            local stream = h:call { path = "/kv.Shop/Get", message = common.pb_bytes(1, "a") }
            common.rpc_end(w, "a service that is not there", stream, UNIMPLEMENTED)
        end)

        w:step("what is no gRPC is 415 of HTTP", function()
            for _, kind in ipairs { "text/plain", "application/json", "application/grpcx" } do
                local a = h:request({ method = "POST", path = "/kv.Store/Get", headers = { { "content-type", kind } }, body = "x" },
                    "100ms")
                w:expect("the status for content-type " .. kind, a and a.status, 415)
            end
            local s = h:begin { method = "POST", path = "/kv.Store/Get", headers = { { "content-type", "application/grpc+proto" } },
                body = w:grpc_message(common.pb_bytes(1, "a")) }
            common.rpc_end(w, "content-type application/grpc+proto", s, OK)
        end)

        w:step("a message lies in any number of DATA frames", function()
            local long = common.noise(w, 100000)
            local bytes = w:grpc_message(common.put("cut", "in pieces"))
            for place = 1, #bytes - 1 do
                local s = h:call { path = "/kv.Store/Put", open = true }
                s:send(bytes:sub(1, place))
                w:sleep("1ms")
                s:send(bytes:sub(place + 1))
                s:finish()
                common.rpc_end(w, "a Put that is cut after byte " .. place, s, OK)
            end
            local s = h:call { path = "/kv.Store/Put", open = true }
            for i = 1, #bytes do s:send(bytes:sub(i, i)) end
            s:finish()
            common.rpc_end(w, "a Put byte by byte", s, OK)
            rpc("a Put of 100 KB", put("long", long), OK)
            common.expect_bytes(w, "a value of 100 KB", rpc("a Get", get "long", OK)[1], long)
        end)

        w:step("what is not one good message has its status", function()
            local good = w:grpc_message(common.pb_bytes(1, "a"))
            local cases = {
                { "a compressed message", UNIMPLEMENTED, w:grpc_message(common.pb_bytes(1, "a"), true) },
                { "no message", UNIMPLEMENTED, "" },
                { "two messages", UNIMPLEMENTED, good .. good },
                { "half a prefix", INTERNAL, "\0\0\0" },
                { "half a message", INTERNAL, good:sub(1, -2) },
                { "a length of four billion", EXHAUSTED, "\0\255\255\255\255abc" },
                { "a message that cannot be read", INTERNAL, w:grpc_message("\10\5ab") },
            }
            for _, case in ipairs(cases) do
                local s = h:call { path = "/kv.Store/Get", open = true }
                s:send(case[3])
                s:finish()
                common.rpc_end(w, case[1], s, case[2])
            end
            rpc("a good call", get "a", OK)
        end)

        w:step("calls run side by side", function()
            local calls, begun = {}, w:now()
            for i = 1, 100 do calls[i] = h:call { path = "/kv.Store/Slow", message = common.pb_number(1, 100) } end
            for i, s in ipairs(calls) do
                common.rpc_end(w, "Slow " .. i, s, OK)
                w:expect_between("seconds that Slow " .. i .. " of 100 ms took", s.ended_at - begun, 0.1, 0.11)
            end
        end)

        w:step("at the deadline the answer is DEADLINE_EXCEEDED", function()
            local cases = {
                { "50m", 200, DEADLINE, 0.05 }, { "200m", 50, OK, 0.05 }, { "1m", 20, DEADLINE, 0.001 }, { "1S", 2000, DEADLINE, 1 },
                { "1S", 900, OK, 0.9 }, { "5S", 4900, OK, 4.9 }, { "100000u", 200, DEADLINE, 0.1 }, { "20000000n", 100, DEADLINE, 0.02 },
                { "1M", 500, OK, 0.5 }, { "1H", 500, OK, 0.5 }, { "00000300m", 1000, DEADLINE, 0.3 },
            }
            w:all(cases, function(case)
                local what = "Slow of " .. case[2] .. " ms with grpc-timeout " .. case[1]
                local begun = w:now()
                local _, s = rpc(what, slow(case[2], case[1]), case[3])
                w:expect_near("seconds that " .. what .. " took", s.ended_at - begun, case[4] + 0.002, 0.005)
            end)
        end)

        w:step("the deadline holds while the request is still coming", function()
            local begun = w:now()
            local s = h:call { path = "/kv.Store/Put", open = true, timeout = "80m" }
            s:send("\0\0\0")
            common.rpc_end(w, "a Put that never ends", s, DEADLINE)
            w:expect_near("seconds that it took", s.ended_at - begun, 0.082, 0.005)
        end)

        w:step("a cancelled call says nothing more", function()
            local other, wire = common.http2(w, at)
            common.rpc(w, other, "a Get", get "a", OK)
            local calls = {}
            for i = 1, 10 do calls[i] = other:call { path = "/kv.Store/Slow", message = common.pb_number(1, 20 * i), timeout = "150m" } end
            w:sleep("10ms")
            for _, s in ipairs(calls) do s:cancel() end
            w:sleep("3ms")
            local before = (wire.seen[0] or 0) + (wire.seen[1] or 0)
            w:sleep("300ms")
            w:expect("bytes of HEADERS and DATA after the calls were cancelled", (wire.seen[0] or 0) + (wire.seen[1] or 0) - before, 0)
            common.rpc(w, other, "a Get on the same connection", get "a", OK)
        end)

        w:step("500 calls on 5 connections, compared with a model", function()
            local connections, model = {}, {}
            for i = 1, 5 do connections[i] = common.http2(w, at) end
            for round = 1, 5 do
                local calls = {}
                for i = 1, 100 do
                    local key = "model " .. i
                    local call
                    if w:random(1, 2) == 1 then
                        local value = common.noise(w, w:random(0, 200))
                        call = { status = OK, call = put(key, value) }
                        model[key] = value
                    else
                        call = { status = model[key] and OK or NOT_FOUND, value = model[key], call = get(key) }
                    end
                    call.call.path = "/kv.Store/" .. call.call.path
                    calls[i] = call
                end
                for i, call in ipairs(calls) do call.stream = connections[i % 5 + 1]:call(call.call) end
                for i, call in ipairs(calls) do
                    local what = "call " .. i .. " of round " .. round .. ", " .. call.call.path
                    local found = common.rpc_end(w, what, call.stream, call.status)
                    if call.value then common.expect_bytes(w, "the value of " .. what, found[1] or "", call.value) end
                end
            end
        end)
    end,
}
