-- Task 14: the net is cut in every way, nodes stop, die and come back with nothing. Nobody is turned away.

local common = require "common"

local NODES, RATE, SECONDS = 15, 10, 25
local PER_OPERATION = 60

return task {
    nodes = NODES,
    latency = "10ms",
    seeds = 3,
    run = function(w)
        local c, storm, accepted, safe = w:client(), nil, {}, {}

        w:step("every live node takes every value at once, whatever the net does", function()
            w:duplicate(0.1)
            storm = common.storm(w, SECONDS, function() end)
            local number = 0
            while not storm.over do
                local node = common.somebody(w, storm)
                number = number + 1
                if number % 2 == 0 then
                    common.broadcast(c, node, "gust " .. number)
                    accepted["gust " .. number] = node
                else
                    c:ask(node, { type = "read" }, common.AT_ONCE)
                end
                w:sleep(1 / RATE)
            end
            storm.operations = number
        end)

        w:step("values of nodes that were never killed are not lost", function()
            local somewhere = {}
            for _, node in ipairs(w.nodes) do
                for value in pairs((common.read(w, c, node))) do somewhere[value] = true end
            end
            for value, node in pairs(accepted) do
                if somewhere[value] then
                    safe[#safe + 1] = value
                elseif not storm.forgot[node] then
                    w:fail { what = "the value " .. json_text(value) .. ", which " .. node .. " acknowledged",
                        expected = "on some node: " .. node .. " was never killed", seen = "on no node", about = node }
                end
            end
        end)

        w:step("5 s after the last fault every node has everything that had survived", function()
            w:sleep("5s")
            common.all_hold_all(w, c, safe)
        end)

        w:step("an operation costs at most 60 messages", function()
            w:expect_at_most("messages between nodes for each operation", common.between(w) / storm.operations,
                PER_OPERATION)
        end)
    end,
}
