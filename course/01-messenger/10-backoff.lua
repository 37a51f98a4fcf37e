-- Task 10: 25 nodes, one member that is away for 90 s. It writes down when it was asked.

local common = require "common"

local NODES, TOGETHER_MAX, TIMEOUT_MS, BASE_MS, CAP_MS, AWAY_S = 25, 12, 200, 100, 5000, 90

local function bound_ms(k) return math.min(CAP_MS, BASE_MS * 2 ^ k) end

-- pauses[node][k]: milliseconds between the end of attempt k and attempt k + 1.
local function pauses_of(arrivals)
    local pauses = {}
    for node, times in pairs(arrivals) do
        pauses[node] = {}
        for k = 1, #times - 1 do pauses[node][k] = common.ms(times[k], times[k + 1]) - TIMEOUT_MS end
    end
    return pauses
end

return task {
    nodes = NODES,
    seeds = 1, -- 25 nodes draw often enough
    peers = 1,
    latency = "5ms",
    run = function(w)
        local target = w.peers[1]
        local arrivals, began, back, calls, pauses = {}, w:now(), false, {}, {}

        w:play(target, function(m)
            if arrivals[m.from] == nil then arrivals[m.from] = {} end
            if not back then
                table.insert(arrivals[m.from], m.received_at)
                return nil
            end
            return { type = "echo_ok", echo = m.body.echo }
        end)

        w:step("all relays succeed soon after their member has come back", function()
            for i, node in ipairs(w.nodes) do
                calls[i] = w:client():begin(node, { type = "relay", target = target,
                    timeout_ms = TIMEOUT_MS, attempts = 100, base_ms = BASE_MS, cap_ms = CAP_MS,
                    inner = { type = "echo", echo = i } })
            end
            w:sleep(AWAY_S)
            back = true
            w:sleep((TIMEOUT_MS + CAP_MS + 20) / 1000)
            for i, call in ipairs(calls) do
                if call.reply == nil then
                    w:fail { what = call.dest .. "'s relay",
                        expected = "relay_ok within 5.22 s after the member came back",
                        seen = "no reply", about = call }
                end
                common.is_ok(w, call, call.reply)
                w:expect("the answer that is passed on", call.reply.reply, { type = "echo_ok", echo = i },
                    call)
            end
            pauses = pauses_of(arrivals)
        end)

        w:step("each pause lies within its bounds", function()
            for node, list in pairs(pauses) do
                w:expect_at_least("attempts of " .. node .. " in 90 s", #list, 18, node)
                for k, ms in ipairs(list) do
                    w:expect_between("milliseconds that " .. node .. " pauses after attempt " .. k, ms, -5,
                        bound_ms(k) + 5, node)
                end
            end
        end)

        w:step("from the 1st to the 30th second no 100 ms hold more than 12 of the 25 nodes", function()
            local nodes_in = {}
            for node, times in pairs(arrivals) do
                for _, at in ipairs(times) do
                    local window = (at - began) // 0.1
                    if window >= 10 and window < 300 then
                        nodes_in[window] = nodes_in[window] or {}
                        nodes_in[window][node] = true
                    end
                end
            end
            local most = 0
            for window, nodes in pairs(nodes_in) do
                local count = 0
                for _ in pairs(nodes) do count = count + 1 end
                most = math.max(most, count)
                w:expect_at_most(string.format("nodes that ask between %.1f s and %.1f s", window / 10,
                    (window + 1) / 10), count, TOGETHER_MAX)
            end
            w:tell("at most %d of the %d nodes asked within 100 ms", most, NODES)
        end)

        w:step("no two nodes pause alike", function()
            local seen = {}
            for node, list in pairs(pauses) do
                local key = {}
                for k = 1, math.min(#list, 8) do key[k] = string.format("%.0f", list[k]) end
                key = table.concat(key, ", ")
                if seen[key] then
                    w:fail { what = "the first pauses of " .. node, expected = "others than those of " ..
                        seen[key], seen = "the same: " .. key .. " ms", about = { node, seen[key] } }
                end
                seen[key] = node
            end
        end)

        -- 25 draws of one k scatter much (a standard deviation of 12 % of the mean), hundreds do not.
        w:step("pauses average half their bound", function()
            for _, group in ipairs { { 1, 2, 0.4 }, { 3, 5, 0.4 }, { 6, 15, 0.2 }, { 16, 24, 0.2 },
                { 25, 99, 0.2 } } do
                local sum, count = 0, 0
                for _, list in pairs(pauses) do
                    for k = group[1], math.min(group[2], #list) do
                        sum, count = sum + list[k] / bound_ms(k), count + 1
                    end
                end
                local what = string.format("the mean pause after attempts %d to %d, as a part of its bound",
                    group[1], group[2])
                w:expect_near(what, sum / count, 0.5, group[3] / 2)
            end
        end)
    end,
}
