using System.Text;
using CsCheck;
using MasterController.Daemon.Configuration;
using Xunit;

namespace MasterController.Tests.Fuzzing;

/// <summary>Whatever a configuration file says, it is read, or each error says where it is.</summary>
public sealed class TomlTests
{
    private const string Sample = """
        # a comment
        state_dir = "/var/lib/mc"
        listen = "127.0.0.1:8470"
        log.level = 'debug'
        [network]
        mode = "routed"
        dns = ["1.1.1.1", "2001:db8::1"]
        tune = false
        [pool.default]
        cidr = "10.0.0.0/16"
        first = "10.0.0.10"
        reservations = [
          "10.0.1.0/24",
          "10.0.2.1", # one
        ]
        cooldown_seconds = 30
        [pools]
        warn_percent = [80, 95]
        [external]
        ipv6 = ["2001:db8:1250::/64"]
        [types.build]
        vcpus = 4
        memory_mib = 8_192
        egress_allow = ["0.0.0.0/0:443/tcp"]
        inline = { a = 1, b = [1, 2], c = { d = "x" } }
        [quota]
        max_vms = 0x10
        """;

    private static readonly string[] _pieces =
    [
        "[",
        "]",
        "[[",
        "[]",
        "[a.b.c]\n",
        "{",
        "}",
        "=",
        "= =",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "\n",
        "\r",
        ".",
        ",",
        "#",
        "\\u0000",
        "\u0000",
        "\ud83d\ude80",
        "\u202e",
        "1979-05-27T07:32:00Z",
        "inf",
        "-nan",
        "0x",
        "1__0",
        "99999999999999999999",
        "1e999",
        "true",
        "[[[[[[[[1]]]]]]]]",
        "a = {b = {c = {}}}\n",
        "\"\" = 1\n",
        "[\"quoted.key\"]\n",
        "vm.max_vms = -1\n",
        "[types.\"odd name\"]\nvcpus = 1\n",
        "[[types]]\nvcpus = 1\n",
        "types = 3\n",
    ];

    [Fact]
    public void A_spoilt_file_is_read_or_its_errors_say_where_they_are()
    {
        var directory = Directory.CreateTempSubdirectory("mc-toml-");
        var files = 0;
        try
        {
            Gen.Int.Sample(
                seed =>
                {
                    var path = Path.Combine(directory.FullName, $"{Interlocked.Increment(ref files)}.toml");
                    File.WriteAllBytes(path, Encoding.UTF8.GetBytes(Spoilt(seed)));
                    var loaded = new ConfigLoader(
                        path,
                        new Dictionary<string, string>(),
                        new Dictionary<string, string>()
                    ).Load();
                    File.Delete(path);
                    Assert.Equal(loaded.Settings is null, loaded.Errors.Count > 0);
                    foreach (var error in loaded.Errors)
                    {
                        Assert.NotEmpty(error.Message);
                        Assert.True(error.Source.Origin != ConfigOrigin.File || error.Source.Line > 0, $"{error}");
                        Assert.True(error.Source.Origin == ConfigOrigin.File || error.Key.Length > 0, $"{error}");
                    }
                },
                iter: 2_000
            );
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("a = 1\n[]\nb = 1")]
    [InlineData("= 1")]
    [InlineData("a. = 1")]
    [InlineData("a = {,}")]
    [InlineData("a = \"x\\")]
    public void What_is_broken_off_is_an_error_with_a_line(string text)
    {
        List<ConfigError> errors = [];
        TomlFile.Read(text, "x", errors);
        Assert.NotEmpty(errors);
        Assert.All(errors, e => Assert.True(e.Source.Line > 0));
    }

    [Fact]
    public void Any_text_is_read_or_refused() =>
        Gen.String.Sample(
            text =>
            {
                List<ConfigError> errors = [];
                TomlFile.Read(text, "x", errors);
                Assert.All(errors, e => Assert.True(e.Source.Line > 0));
            },
            iter: 5_000
        );

    private static string Spoilt(int seed)
    {
        var random = new Random(seed);
        var text = Sample;
        for (var times = random.Next(1, 5); times > 0; times--)
        {
            var at = random.Next(text.Length + 1);
            var length = Math.Min(random.Next(12), text.Length - at);
            text = random.Next(5) switch
            {
                0 => text[..at] + text[(at + length)..],
                1 => text[..at] + text.Substring(at, length) + text[at..],
                2 => text[..at],
                _ => text[..at] + _pieces[random.Next(_pieces.Length)] + text[at..],
            };
            if (text.Length == 0)
                text = " ";
        }
        return text;
    }
}
