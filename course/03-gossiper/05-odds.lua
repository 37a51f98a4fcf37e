-- Task 5: the fanout with which one wave of rumours reaches everybody, with the certainty that is wanted.

local common = require "common"

---------------------------------------------------------------------------------------------------
-- The truth, calculated and not tried: the chance that one wave reaches all of n nodes when each of them
-- tells f others once and a message is lost with chance `loss`.

local rows = { [0] = { [0] = 1 } }

-- n over k, by Pascal's triangle.
local function choose(n, k)
    if k < 0 or k > n then return 0 end
    for i = #rows + 1, n do
        local row = { [0] = 1, [i] = 1 }
        for j = 1, i - 1 do row[j] = rows[i - 1][j - 1] + rows[i - 1][j] + 0.0 end
        rows[i] = row
    end
    return rows[n][k]
end

-- The chances that one telling brings the value to 0, 1, ... new nodes, when `fresh` of the n - 1 others are
-- without it: so many of the f drawn are fresh, and so many of those messages arrive.
local function one_telling(n, f, loss, fresh)
    local chances = {}
    for hits = 0, f do chances[hits] = 0 end
    for drawn = math.max(0, f - (n - 1 - fresh)), math.min(f, fresh) do
        local chance = choose(fresh, drawn) * choose(n - 1 - fresh, f - drawn) / choose(n - 1, f)
        for hits = 0, drawn do
            chances[hits] = chances[hits] + chance * choose(drawn, hits) * (1 - loss) ^ hits * loss ^ (drawn - hits)
        end
    end
    return chances
end

-- One node after the other tells. known[k]: the chance that k nodes have the value by then. The wave is over
-- when as many have told as know.
local function chance_of_all(n, f, loss)
    local known, tellings = { 1 }, {}
    for told = 1, n - 1 do
        local later = {}
        for k = told, n - 1 do
            local chance = known[k] or 0
            if chance > 0 then
                tellings[k] = tellings[k] or one_telling(n, f, loss, n - k)
                for hits = 0, math.min(f, n - k) do
                    later[k + hits] = (later[k + hits] or 0) + chance * tellings[k][hits]
                end
            end
        end
        later[n] = (later[n] or 0) + (known[n] or 0)
        later[told] = nil
        known = later
    end
    return known[n] or 0
end

local function enough(n, f, loss, target) return f >= n - 1 or (f >= 1 and chance_of_all(n, f, loss) >= target) end

local function smallest(n, loss, target)
    local f = 1
    while not enough(n, f, loss, target) do f = f + 1 end
    return f
end

---------------------------------------------------------------------------------------------------

local function plan(w, c, n, loss, target)
    local body = { type = "plan", nodes = n, loss = loss, target = target }
    local call = c:begin("n0", body)
    local reply = call:wait(common.AT_ONCE)
    local fanout = reply and math.tointeger(reply.fanout)
    if fanout == nil then
        w:fail { what = "the fanout", expected = "plan_ok with an integer, at once", about = call,
            seen = reply and json_text(reply) or "no reply" }
    end
    return fanout, call
end

local function judge(w, c, n, loss, target)
    local fanout, call = plan(w, c, n, loss, target)
    local question = "the fanout for " .. n .. " nodes, loss " .. loss .. " and target " .. target
    w:expect_between(question, fanout, 1, n - 1, call)
    if not enough(n, fanout + 1, loss, target) or (fanout > 2 and enough(n, fanout - 2, loss, target)) then
        local wanted = smallest(n, loss, target)
        w:expect_between(question .. ", where " .. wanted .. " is the smallest that is enough", fanout,
            wanted - 1, wanted + 1, call)
    end
end

local NODES, LOSS, TARGET, VALUES = 25, 0.1, 0.99, 100

return task {
    seeds = 2,
    part { name = "plan", nodes = 1, run = function(w)
        local c = w:client()

        w:step("without loss the fanout is right within 1", function()
            for _, n in ipairs { 10, 20, 30, 40, 50, 60 } do
                for _, target in ipairs { 0.5, 0.99 } do judge(w, c, n, 0, target) end
            end
        end)

        w:step("what is lost is made up for", function()
            for _, loss in ipairs { 0.05, 0.1, 0.2, 0.3, 0.4, 0.5 } do judge(w, c, 50, loss, 0.99) end
        end)

        w:step("60 plans for clusters of all sizes are right within 1", function()
            for _ = 1, 60 do
                judge(w, c, w:random(2, 60), w:random(0, 50) / 100, w:pick { 0.5, 0.75, 0.9, 0.95, 0.99, 0.999 })
            end
        end)

        w:step("nobody to tell: 0; never enough: all the others", function()
            w:expect("the fanout for 1 node", plan(w, c, 1, 0.1, 0.99), 0)
            w:expect("the fanout for 2 nodes", plan(w, c, 2, 0, 0.99), 1)
            w:expect("the fanout for 5 nodes, of whose messages 90 % are lost", plan(w, c, 5, 0.9, 0.99), 4)
            w:expect("the fanout for 20 nodes when everything is lost", plan(w, c, 20, 1, 0.99), 19)
            w:expect("the fanout for 20 nodes when everything is lost, and any chance will do", plan(w, c, 20, 1, 0.5), 19)
        end)
    end },

    part { name = "twenty-five nodes", nodes = NODES, latency = "10ms", run = function(w)
        local c, values = w:client(), {}
        local fanout = plan(w, c, NODES, LOSS, TARGET)

        common.set_mode(w, c, { mode = "push", fanout = fanout })
        w:loss(LOSS)

        w:step("with the planned fanout at least 95 of 100 values reach all 25 nodes", function()
            for i = 1, VALUES do
                values[i] = "rumour " .. i
                common.broadcast(c, w:pick(w.nodes), values[i])
                if i % 50 == 0 then w:sleep("10ms") end
            end
            w:sleep("1s")
            local complete, holders = 0, {}
            for _, node in ipairs(w.nodes) do holders[#holders + 1] = (common.read(w, c, node)) end
            for _, value in ipairs(values) do
                local everywhere = true
                for _, held in ipairs(holders) do everywhere = everywhere and held[value] end
                if everywhere then complete = complete + 1 end
            end
            w:expect_at_least("values that reached every node (fanout " .. fanout .. ")", complete, 95)
        end)

        w:step("a value costs at most nodes times fanout messages", function()
            w:expect_at_most("messages between nodes", common.between(w), NODES * fanout * VALUES)
        end)
    end },
}
