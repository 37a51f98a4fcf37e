-- n0 is asked to attack; n1 is its honest neighbour, whose answers and times may not change.
local function asks(w, node, count)
    local c = w:client()
    for i = 1, count do
        w:expect("the echo of " .. node, c:ask(node, { type = "echo", echo = i }, "5ms").echo, i)
        w:sleep("10ms")
    end
end

return task {
    nodes = 2, seeds = 1, limit = "60s",
    run = function(w)
        w:step("both answer", function()
            asks(w, "n1", 2)
            asks(w, "n0", 2)
        end)
        w:step("n0 attacks", function()
            w:client():send("n0", { type = "attack" })
            asks(w, "n1", 5)
        end)
        w:step("n0 is a node as before", function() asks(w, "n0", 3) end)
        w:step("so is its neighbour", function() asks(w, "n1", 3) end)
    end,
}
