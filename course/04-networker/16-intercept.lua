-- Task 16: what every call must pass.

local common = require "common"

local OK, CANCELLED, NOT_FOUND, EXHAUSTED, UNIMPLEMENTED, UNAUTHENTICATED = 0, 1, 5, 8, 12, 16
local RATE, BURST = 10, 20
local TOKENS = { ["secret-a"] = "ann", ["secret-a2"] = "ann", ["secret-b"] = "bob", ["secret-c"] = "cleo", ["secret-d"] = "dan",
    ["secret-e"] = "eve" }

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local h

        local function call(token, path, message, more)
            local c = { path = "/kv.Store/" .. path, message = message or "" }
            if token then c.metadata = { { "authorization", token } } end
            for k, v in pairs(more or {}) do c[k] = v end
            return c
        end

        local function get(token, key) return call("Bearer " .. token, "Get", common.pb_bytes(1, key)) end
        local function put(token, key, value) return call("Bearer " .. token, "Put", common.put(key, value)) end

        local function ends(what, c, status) return common.rpc_end(w, what, h:call(c), status) end

        -- So many calls begun at once; gives how many had each status.
        local function burst(count, c)
            local calls, seen = {}, {}
            for i = 1, count do calls[i] = h:call(c) end
            for i = 1, count do
                local status = calls[i]:grpc_end("1s")
                if status == nil then w:fail { what = "the status of call " .. i, expected = "a status", seen = "none" } end
                seen[status] = (seen[status] or 0) + 1
            end
            return seen
        end

        local function entries(from)
            local all = w:client():ask("n0", { type = "log" }, "1s").entries
            local list = array {}
            for i = from or 1, #all do list[#list + 1] = all[i] end
            return list, #all
        end

        w:step("who shows no valid token is UNAUTHENTICATED", function()
            local at = common.listen(w, { proto = "grpc", tokens = TOKENS, rate = RATE, burst = BURST })
            h = common.http2(w, at)
            for _, token in ipairs { "Bearer wrong", "Bearer secret-", "Bearer secret-aa", "Bearer ", "Basic secret-a", "secret-a",
                "ann", "" } do
                ends("a Put with authorization \"" .. token .. "\"", call(token, "Put", common.put("k", "stolen")), UNAUTHENTICATED)
            end
            ends("a Put without authorization", call(nil, "Put", common.put("k", "stolen")), UNAUTHENTICATED)
            ends("a method that is not there, without authorization", call(nil, "Del"), UNAUTHENTICATED)
            ends("a Get with a token", get("secret-d", "k"), NOT_FOUND)
            ends("a Put with a token", put("secret-d", "k", "mine"), OK)
            w:expect("the value", ends("a Get with a token", get("secret-d", "k"), OK)[1], "mine")
        end)

        w:step("the unauthenticated use up nobody's calls", function()
            w:expect("50 calls without a token, by status", burst(50, call(nil, "Get")), { [16] = 50 })
            w:expect("50 calls with a wrong token, by status", burst(50, call("Bearer x", "Get")), { [16] = 50 })
            w:expect("10 calls of one user, by status", burst(10, put("secret-a", "a", "1")), { [0] = 10 })
        end)

        w:step("each user has a bucket, whatever token is shown", function()
            w:expect("15 more of that user, by status", burst(15, put("secret-a", "a", "1")), { [0] = 10, [8] = 5 })
            w:expect("5 with the user's other token, by status", burst(5, put("secret-a2", "a", "3")), { [8] = 5 })
            w:expect("25 calls of another user, by status", burst(25, put("secret-b", "b", "4")), { [0] = 20, [8] = 5 })
        end)

        w:step("refused calls change nothing", function()
            w:expect("3 Puts, by status", burst(3, put("secret-a", "refused", "x")), { [8] = 3 })
            ends("a Get by somebody else", get("secret-d", "refused"), NOT_FOUND)
            w:expect("the value of a", ends("a Get by somebody else", get("secret-d", "a"), OK)[1], "1")
        end)

        w:step("a bucket fills evenly, and no further than its size", function()
            w:sleep("5s")
            w:expect("25 calls after a pause, by status", burst(25, get("secret-a", "a")), { [0] = 20, [8] = 5 })
            w:sleep("50ms")
            w:expect("a call half a token later, by status", burst(1, get("secret-a", "a")), { [8] = 1 })
            w:sleep("100ms")
            w:expect("2 calls one and a half later, by status", burst(2, get("secret-a", "a")), { [0] = 1, [8] = 1 })
            w:sleep("250ms")
            w:expect("5 calls three later, by status", burst(5, get("secret-a", "a")), { [0] = 3, [8] = 2 })
        end)

        w:step("a wall clock that is set gives and takes no calls", function()
            w:sleep("5s")
            w:expect("20 calls, by status", burst(20, get("secret-a", "a")), { [0] = 20 })
            w:clock("n0", { jump = "1h" })
            w:sleep("150ms")
            w:expect("5 calls an hour later by the wall clock, by status", burst(5, get("secret-a", "a")), { [0] = 1, [8] = 4 })
            w:clock("n0", { jump = "-2h" })
            w:sleep("200ms")
            w:expect("5 calls two hours earlier, by status", burst(5, get("secret-a", "a")), { [0] = 2, [8] = 3 })
        end)

        w:step("every call is in the log once, when it has ended", function()
            w:sleep("5s")
            local _, before = entries()
            local wanted = {}
            local function note(user, path, status, ms)
                wanted[#wanted + 1] = { user = user, method = "/kv.Store/" .. path, status = status, ms = ms }
            end
            local function sleeper(token, ms) return h:call(call("Bearer " .. token, "Slow", common.pb_number(1, ms))) end
            local stream = h:call(call("Bearer secret-c", "Watch"))
            local long = sleeper("secret-c", 300)
            w:sleep("10ms")
            ends("a Get", get("secret-e", "a"), OK)
            note("eve", "Get", OK, 0)
            local short = sleeper("secret-e", 50)
            w:sleep("10ms")
            ends("a call without a token", call(nil, "Put"), UNAUTHENTICATED)
            note(null, "Put", UNAUTHENTICATED, 0)
            ends("a method that is not there", call("Bearer secret-e", "Del"), UNIMPLEMENTED)
            note("eve", "Del", UNIMPLEMENTED, 0)
            common.rpc_end(w, "Slow of 50 ms", short, OK)
            note("eve", "Slow", OK, 50)
            w:expect("the first entries, while others are still running", #entries(before + 1), 4)
            burst(20, get("secret-e", "none"))
            for _ = 1, 17 do note("eve", "Get", NOT_FOUND, 0) end
            for _ = 1, 3 do note("eve", "Get", EXHAUSTED, 0) end
            w:sleep("100ms")
            stream:cancel()
            note("cleo", "Watch", CANCELLED, 0)
            common.rpc_end(w, "Slow of 300 ms", long, OK)
            note("cleo", "Slow", OK, 300)
            local list = entries(before + 1)
            for i, one in ipairs(wanted) do
                local seen = list[i] or {}
                w:expect("entry " .. i, { user = seen.user, method = seen.method, status = seen.status },
                    { user = one.user, method = one.method, status = one.status })
                if one.method ~= "/kv.Store/Watch" then w:expect_near("ms of entry " .. i, seen.ms, one.ms, 5) end
            end
            w:expect("entries", #list, #wanted)
        end)

        w:step("30 seconds of two users, compared with the model", function()
            w:sleep("5s")
            local users = { { token = "secret-a", left = BURST, at = w:now() }, { token = "secret-b", left = BURST, at = w:now() } }
            local until_time = w:now() + 30
            local calls = {}
            while w:now() < until_time do
                w:sleep(w:random(1, w:pick { 20, 100, 400 }) / 1000)
                local user = users[w:random(1, 2)]
                for _ = 1, w:random(1, 4) do
                    user.left = math.min(BURST, user.left + RATE * (w:now() - user.at))
                    user.at = w:now()
                    -- On the border a program that counts in milliseconds may see it either way.
                    if math.abs(user.left - 1) > 0.05 then
                        local good = user.left >= 1
                        calls[#calls + 1] = { s = h:call(get(user.token, "a")), status = good and OK or EXHAUSTED,
                            what = string.format("a call of %s with %.2f tokens", TOKENS[user.token], user.left) }
                        if good then user.left = user.left - 1 end
                    end
                end
            end
            for _, one in ipairs(calls) do common.rpc_end(w, one.what, one.s, one.status) end
        end)
    end,
}
