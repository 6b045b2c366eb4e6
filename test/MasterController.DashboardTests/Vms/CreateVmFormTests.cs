using MasterController.Contracts;
using MasterController.Dashboard.Components.Vms;
using Xunit;

namespace MasterController.DashboardTests.Vms;

public class CreateVmFormTests
{
    [Fact]
    public void Nothing_typed_is_one_VM_as_the_configuration_says() =>
        Assert.Equal(new CreateVmRequest(), Assert.Single(new CreateVmForm().Read()));

    [Fact]
    public void Several_are_numbered()
    {
        var form = new CreateVmForm
        {
            Name = "web",
            Count = "3",
            Vcpus = "2",
            MemoryMib = "512",
            Egress = "deny",
        };
        var wishes = form.Read();
        Assert.Equal(["web-1", "web-2", "web-3"], wishes.Select(w => w.Name));
        Assert.All(wishes, w => Assert.Equal((2, 512, "deny"), (w.Vcpus, w.MemoryMib, w.Egress!.Default)));
    }

    [Fact]
    public void Several_without_a_name_have_none()
    {
        var wishes = new CreateVmForm { Count = "2" }.Read();
        Assert.Equal([null, null], wishes.Select(w => w.Name));
    }

    [Fact]
    public void Labels_are_pairs()
    {
        var wish = Assert.Single(new CreateVmForm { Labels = "env=test, tier = web=1," }.Read());
        Assert.Equal(new Dictionary<string, string> { ["env"] = "test", ["tier"] = "web=1" }, wish.Labels);
    }

    [Theory]
    [InlineData("count", "51", "\"51\" is not a number from 1 to 50")]
    [InlineData("count", "0", "\"0\" is not a number from 1 to 50")]
    [InlineData("vcpus", "many", "\"many\" is not a number from 1 to 32")]
    [InlineData("memoryMib", "-64", "\"-64\" is not a number from 64 to 1048576")]
    [InlineData("labels", "env", "\"env\" is not key=value")]
    [InlineData("labels", "a=1,a=2", "\"a\" is there twice")]
    public void What_is_wrong_names_field_and_value(string field, string value, string wrong)
    {
        var form = new CreateVmForm();
        switch (field)
        {
            case "count":
                form.Count = value;
                break;
            case "vcpus":
                form.Vcpus = value;
                break;
            case "memoryMib":
                form.MemoryMib = value;
                break;
            default:
                form.Labels = value;
                break;
        }
        Assert.Empty(form.Read());
        Assert.Equal(wrong, form.Wrong[field]);
    }

    [Fact]
    public void One_address_is_not_for_several()
    {
        var form = new CreateVmForm
        {
            Count = "2",
            Address = "192.168.100.7",
            Ipv6 = "2001:db8::7",
        };
        Assert.Empty(form.Read());
        Assert.Equal(["address", "ipv6"], form.Wrong.Keys.Order());

        form.Count = "1";
        Assert.Single(form.Read());
    }
}
