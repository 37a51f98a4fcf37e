-- Ten thousand connections to one node at once. They come 2,000 in a millisecond: the kernel keeps at most 4,096 that were not
-- accepted yet (net.core.somaxconn), and lets the others try again much later.

local COUNT, BATCH = 10000, 2000

return task {
    nodes = 1, seeds = 1, network = { latency = "1ms" },
    run = function(w)
        local at, all = w:address("n0"), {}
        w:step("ten thousand connections stand after a round trip", function()
            w:client():ask("n0", { type = "listen", host = at.host, port = at.port })
            for i = 1, COUNT do
                all[i] = w:begin_connect(at, { from = "127.0.9." .. i % 250 + 1 })
                if i % BATCH == 0 then w:sleep("1ms") end
            end
            w:sleep("3ms")
            for i, s in ipairs(all) do w:expect("connection " .. i .. " stands", s.connected or s.broken, true) end
        end)
        w:step("each gets its own bytes back, a round trip later", function()
            local begun = w:now()
            for i, s in ipairs(all) do s:send("number " .. i) end
            w:sleep("3ms")
            for i, s in ipairs(all) do
                w:expect("echo " .. i, s:peek(), "number " .. i)
                w:expect_near("seconds until echo " .. i, s.last_at - begun, 0.002, 0.0005)
            end
        end)
        w:step("nine thousand leave, half of them by a reset, and the others notice nothing", function()
            for i, s in ipairs(all) do
                if i % 10 ~= 0 then
                    if i % 2 == 0 then s:reset() else s:close() end
                end
            end
            w:sleep("3ms")
            for i = 10, COUNT, 10 do all[i]:send("!") end
            w:sleep("3ms")
            for i = 10, COUNT, 10 do w:expect("echo " .. i, all[i]:peek(), "number " .. i .. "!") end
        end)
    end,
}
