-- n0 lays links in its folder, where the scenario reads and writes later: with the rights of whoever runs eddy.
return task {
    nodes = 1, disk = true, seeds = 1, limit = "60s",
    run = function(w)
        w:step("n0 answers, and lays links", function()
            w:client():ask("n0", { type = "echo", echo = 1 }, "5ms")
            w:client():send("n0", { type = "attack" })
            w:sleep("20ms")
        end)
        w:step("what the scenario writes and reads stays in the folder", function()
            w:kill("n0")
            w:put_file("n0", "file", "of the scenario")
            w:expect("the file", w:read_file("n0", "file"), "of the scenario")
            for _, f in ipairs(w:files("n0")) do
                w:expect("what " .. f.path .. " holds", w:read_file("n0", f.path):find("secret"), nil)
            end
            w:start("n0")
        end)
    end,
}
