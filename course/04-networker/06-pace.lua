-- Task 6: how much, how fast, and how late is the latest.

local common = require "common"

-- Sends the lines of requests and notes when each answer came. by_id: id -> { sent_at =, at = }.
local function asker(w, s, by_id)
    return function(id, ms)
        by_id[id] = { sent_at = w:now(), ms = ms }
        s:send("WORK " .. id .. " " .. ms .. "\n")
    end
end

-- Takes answers until the connection ends.
local function listens(w, s, by_id)
    w:spawn(function()
        while true do
            local line = s:receive_line("30s")
            if line == nil then return end
            local r = by_id[line:match("^DONE (%S+)$") or ""]
            if r == nil or r.at then
                w:fail { what = "an answer", expected = "DONE and the id of a request that is open", seen = common.shown(line) }
            end
            r.at = w:now()
        end
    end)
end

local function percentile(list, p)
    table.sort(list)
    return list[math.max(1, math.ceil(#list * p))]
end

return task {
    seeds = 2,
    part {
        name = "at once", nodes = 1, network = { latency = "1ms" },
        run = function(w)
            w:step("10,000 requests of 20 ms on 1,000 connections are done within 60 ms", function()
                local at = common.listen(w, { proto = "work" })
                local all = common.crowd(w, at, 1000)
                local begun = w:now()
                for i, s in ipairs(all) do
                    local lines = {}
                    for k = 1, 10 do lines[k] = "WORK " .. i .. "." .. k .. " 20\n" end
                    s:send(table.concat(lines))
                end
                w:sleep_until(begun + 0.06)
                for i, s in ipairs(all) do
                    local seen, count = s:peek(), 0
                    for k in seen:gmatch("DONE " .. i .. "%.(%d+)\n") do count = count + 1 end
                    w:expect("answers on connection " .. i .. " within 60 ms", count, 10)
                    s:close()
                end
            end)
        end,
    },
    part {
        name = "steadily", nodes = 1, network = { latency = "1ms" },
        run = function(w)
            local at, short, long = nil, {}, {}
            local by_id = {}

            w:step("5,000 requests a second, one in a hundred of them long, are all answered", function()
                at = common.listen(w, { proto = "work" })
                local all, ask = common.crowd(w, at, 100), {}
                for i, s in ipairs(all) do
                    ask[i] = asker(w, s, by_id)
                    listens(w, s, by_id)
                end
                local begun = w:now()
                for i = 1, 5000 do
                    local is_long = i % 100 == 50
                    ask[w:random(1, 100)]("r" .. i, is_long and 500 or 20)
                    if i % 5 == 0 then w:sleep_until(begun + i / 5000) end
                end
                w:sleep("1s")
                for i = 1, 5000 do
                    local r = by_id["r" .. i]
                    if r.at == nil then
                        w:fail { what = "the answer to request r" .. i .. " of " .. r.ms .. " ms",
                            expected = "DONE r" .. i, seen = "nothing after a second" }
                    end
                    local list = r.ms == 20 and short or long
                    list[#list + 1] = (r.at - r.sent_at) * 1000
                end
            end)

            w:step("half of the short ones take at most 22 ms, 95 % at most 25, 99 % at most 30", function()
                w:expect_between("p50 in milliseconds", percentile(short, 0.5), 21.5, 23.5)
                w:expect_at_most("p95 in milliseconds", percentile(short, 0.95), 25)
                w:expect_at_most("p99 in milliseconds", percentile(short, 0.99), 30)
            end)

            w:step("no long one takes more than 510 ms", function()
                w:expect_at_most("the slowest, in milliseconds", percentile(long, 1), 510)
            end)
        end,
    },
    part {
        name = "slow readers", nodes = 1, network = { latency = "1ms" },
        run = function(w)
            w:step("clients that do not read delay nobody else", function()
                local at = common.listen(w, { proto = "work" })
                local lazy, by_id = {}, {}
                local pad = ("x"):rep(1000)
                for i = 1, 5 do
                    local s = common.connect(w, at)
                    s:hold()
                    local lines = {}
                    for k = 1, 10000 do lines[k] = "WORK " .. pad .. k .. " 20\n" end
                    s:send(table.concat(lines))
                    lazy[i] = s
                end
                local s = common.connect(w, at)
                local ask = asker(w, s, by_id)
                listens(w, s, by_id)
                for i = 1, 200 do
                    ask("r" .. i, 20)
                    w:sleep("2ms")
                end
                w:sleep("50ms")
                for i = 1, 200 do
                    local r = by_id["r" .. i]
                    w:expect_near("milliseconds until the answer to r" .. i, ((r.at or 1e9) - r.sent_at) * 1000, 22, 4)
                end
            end)
        end,
    },
}
