-- Task 8: many calls at the same time. 24 members are played here: n1 to n19 answer, n20 and n21 refuse,
-- n22 to n24 never say anything. How long one takes stands in the request (`delay`, `copies`: fields nodes
-- ignore).

local common = require "common"

local MEMBERS = 24

local function play(w)
    for i = 1, MEMBERS do
        w:play("n" .. i, function(m, peer)
            if i >= 22 then return nil end
            local body = i >= 20 and { type = "error", code = i, text = "no" } or
                { type = "echo_ok", echo = m.body.echo }
            for copy = 1, m.body.copies or 1 do
                peer:reply(m, body, ((m.body.delay or 0) + 3 * (copy - 1)) / 1000)
            end
        end)
    end
end

local function call_of(target, echo, delay, copies)
    local inner = { type = "echo", echo = echo, delay = delay, copies = copies }
    return { target = "n" .. target, inner = inner }
end

-- What must come back for a batch, and after how many milliseconds.
local function expected(calls, timeout_ms)
    local results, ms = array {}, 0
    for i, call in ipairs(calls) do
        local number, inner = math.tointeger(tonumber(call.target:sub(2))), call.inner
        local takes = 20 + (inner.delay or 0)
        if number >= 22 or takes > timeout_ms then
            results[i], takes = { error = 0 }, timeout_ms
        elseif number >= 20 then
            results[i] = { error = number }
        else
            results[i] = { reply = { type = "echo_ok", echo = inner.echo } }
        end
        ms = math.max(ms, takes)
    end
    return results, ms
end

return task {
    nodes = 1,
    peers = MEMBERS,
    latency = "10ms",
    run = function(w)
        local c, book = w:client(), common.book()
        play(w)

        local function begin(calls, timeout_ms)
            return common.note(book, c:begin("n0", { type = "batch", calls = array(calls),
                timeout_ms = timeout_ms }))
        end

        local function check(call)
            local results, ms = expected(call.body.calls, call.body.timeout_ms)
            local reply = common.is_ok(w, call, common.after(w, call, ms))
            w:expect("the results, in the order of the calls", reply.results, results, call)
        end

        w:step("an empty list is answered at once", function() check(begin({}, 1000)) end)

        w:step("one call", function() check(begin({ call_of(1, "one", 30) }, 1000)) end)

        w:step("all calls leave at once: the slowest decides", function()
            local calls = {}
            for i = 1, 19 do calls[i] = call_of(i, "call " .. i, 20 * i) end
            check(begin(calls, 1000))
        end)

        w:step("results stand in the order of the calls", function()
            local calls = {}
            for i = 1, 19 do calls[i] = call_of(20 - i, "call " .. i, 20 * (20 - i)) end
            check(begin(w:shuffle(calls), 1000))
        end)

        w:step("the same target twice", function()
            check(begin({ call_of(3, "a", 50), call_of(4, "b", 10), call_of(3, "c", 0),
                call_of(3, "d", 50) }, 1000))
        end)

        w:step("refusals stand in their places", function()
            check(begin({ call_of(20, 1), call_of(1, 2, 40), call_of(21, 3, 10), call_of(2, 4) }, 1000))
        end)

        w:step("silent members: error 0 in their places when the time is up", function()
            check(begin({ call_of(22, 1), call_of(1, 2), call_of(2, 3, 400), call_of(24, 4),
                call_of(3, 5, 100) }, 300))
        end)

        w:step("an answer that comes twice counts once", function()
            check(begin({ call_of(1, "a", 0, 3), call_of(2, "b", 100), call_of(3, "c", 0, 2),
                call_of(4, "d", 200) }, 1000))
        end)

        w:step("fifty batches at the same time", function()
            local batches = {}
            for i = 1, 50 do
                local calls = {}
                for k = 1, w:random(1, 24) do
                    calls[k] = call_of(w:random(1, MEMBERS), i .. "/" .. k, w:random(0, 38) * 10,
                        w:random(1, 2))
                end
                batches[i] = begin(calls, w:random(2, 5) * 100 + 5)
            end
            w:all(batches, check)
        end)

        common.exactly_one_reply(w, book)
    end,
}
