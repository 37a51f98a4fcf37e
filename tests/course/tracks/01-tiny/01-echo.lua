-- Three nodes say back what clients say, each to the one who asked.
return task {
    nodes = 3,
    seeds = 2,
    run = function(w)
        local a, b = w:client(), w:client()

        w:step("a value comes back unchanged", function()
            for _, node in ipairs(w.nodes) do
                local value = any.json { depth = 2 }
                w:expect("the echo", a:ask(node, { type = "echo", echo = value }).echo, value)
            end
        end)

        w:step("each answer goes to the client that asked", function()
            local first = a:begin("n0", { type = "echo", echo = "a", msg_id = 77 })
            local second = b:begin("n0", { type = "echo", echo = "b", msg_id = 77 })
            first:wait("1s")
            second:wait("1s")
            w:expect("what the first client got", first.reply and first.reply.echo, "a")
            w:expect("what the second client got", second.reply and second.reply.echo, "b")
        end)
    end,
}
