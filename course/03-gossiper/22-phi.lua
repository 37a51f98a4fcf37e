-- Task 22: the phi accrual detector, against a model of it.

local common = require "common"

local WINDOW, SIGMA_MIN, CAP = 100, 0.020, 40
local LATENCY = 0.010

-- 1 - erf x. A series near 0, a continued fraction beyond.
local function erfc(x)
    if x < 0 then return 2 - erfc(-x) end
    if x < 2 then
        local term, sum = x, x
        for n = 1, 60 do
            term = -term * x * x / n
            sum = sum + term / (2 * n + 1)
        end
        return 1 - 2 / math.sqrt(math.pi) * sum
    end
    local rest = 0
    for k = 80, 1, -1 do rest = k / 2 / (x + rest) end
    return math.exp(-x * x) / math.sqrt(math.pi) / (x + rest)
end

-- The phi of somebody whose heartbeats arrived at these times.
local function model(arrivals, now)
    local first = math.max(1, #arrivals - WINDOW)
    local count, mean, square = #arrivals - first, 0, 0
    if count < 1 then return 0 end
    for i = first + 1, #arrivals do mean = mean + (arrivals[i] - arrivals[i - 1]) / count end
    for i = first + 1, #arrivals do square = square + (arrivals[i] - arrivals[i - 1] - mean) ^ 2 / count end
    local sigma = math.max(math.sqrt(square), SIGMA_MIN)
    local later = erfc((now - arrivals[#arrivals] - mean) / sigma / math.sqrt(2)) / 2
    if later < 1e-40 then return CAP end
    return math.abs(-math.log(later, 10))
end

return task {
    nodes = 1,
    peers = 4,
    latency = "10ms",
    limit = "4h",
    seeds = 2,
    run = function(w)
        local c, arrivals = w:client(), {}
        for _, peer in ipairs(w.peers) do arrivals[peer] = {} end
        common.set_mode(w, c, { mode = "phi" })

        local function beat(peer)
            w:peer(peer):send("n0", { type = "heartbeat" })
            table.insert(arrivals[peer], w:now() + LATENCY)
        end
        local function phi(peer)
            local call = c:begin("n0", { type = "phi", node = peer })
            local reply = call:wait(common.AT_ONCE) or {}
            if reply.type ~= "phi_ok" or type(reply.phi) ~= "number" then
                w:fail { what = "the phi of " .. peer, expected = "phi_ok with a number, within 5 ms",
                    seen = json_text(reply), about = call }
            end
            return reply.phi, call
        end
        -- Within 2 ms of time, 2 % and 0.05.
        local function judge(peer)
            local low, high = model(arrivals[peer], w:now() - 0.002), model(arrivals[peer], w:now() + 0.002)
            if high <= 10 then
                local seen, call = phi(peer)
                w:expect_between("the phi of " .. peer .. ", " .. math.floor((w:now() - arrivals[peer][#arrivals[peer]]) *
                    1000 + 0.5) .. " ms after its last heartbeat", seen, low * 0.98 - 0.05, high * 1.02 + 0.05, call)
            end
        end
        -- So many heartbeats at these intervals, and a question somewhere in each.
        local function beats(peer, count, interval)
            for _ = 1, count do
                local wait = interval()
                local look = w:random(20, math.floor(wait * 1000) - 1) / 1000
                w:sleep(look)
                if #arrivals[peer] > 0 then judge(peer) end
                w:sleep(wait - look)
                beat(peer)
            end
        end
        local function is_dead(peer)
            local lists, call = common.members(w, c, "n0")
            return lists.dead[peer] == true, call
        end
        local function regular() return 1 end
        local function jittered() return w:random(700, 1300) / 1000 end

        w:step("who has sent one heartbeat has no rhythm, and phi 0", function()
            w:expect("the phi of somebody who was never heard of", (phi("n1")), 0)
            beat("n1")
            w:sleep("5s")
            w:expect("the phi after one heartbeat", (phi("n1")), 0)
        end)

        w:step("phi is that of the model: regular, jittered and bursty heartbeats", function()
            w:all({ "n1", "n2", "n3" }, function(peer, place)
                beats(peer, 60, ({ regular, jittered, function()
                    return w:random(1, 5) == 1 and 2 or 0.1
                end })[place])
            end)
        end)

        w:step("only the last 100 intervals count", function()
            w:all({ "n1", "n2" }, function(peer, place)
                beats(peer, 130, ({ jittered, regular })[place])
            end)
        end)

        w:step("a step of the wall clock changes nothing", function()
            for _, offset in ipairs { "1h", "-1h", "0s" } do
                w:clock("n0", { offset = offset })
                beats("n2", 40, regular)
                w:expect("whether n2 is listed dead", (is_dead("n2")), false)
            end
        end)

        w:step("who dies is dead within 500 ms of the heartbeat that did not come, and not before it", function()
            w:sleep(0.99)
            local dead, call = is_dead("n2")
            w:expect("whether n2 is listed dead, 980 ms after its last heartbeat", dead, false, call)
            w:sleep(0.52)
            dead, call = is_dead("n2")
            w:expect("whether n2 is listed dead, 1.5 s after its last heartbeat", dead, true, call)
        end)

        w:step("who slows down from 1 s to 3 s is not taken for dead", function()
            local interval = 1
            for i = 1, 260 do
                if i > 60 then interval = interval + 0.01 end
                local wait = interval + w:random(-50, 50) / 1000
                if i > 20 then
                    w:sleep(wait - 0.001)
                    local dead, call = is_dead("n4")
                    w:expect("whether n4 is listed dead, " .. math.floor(wait * 1000) .. " ms after its last heartbeat",
                        dead, false, call)
                    w:sleep(0.001)
                else
                    w:sleep(wait)
                end
                beat("n4")
            end
        end)

        w:step("phi is 40 and no more, however long it lasts", function()
            w:sleep("5min")
            for _, peer in ipairs(w.peers) do w:expect("the phi of " .. peer, (phi(peer)), CAP) end
        end)
    end,
}
