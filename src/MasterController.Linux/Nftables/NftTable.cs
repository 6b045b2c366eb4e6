using MasterController.Linux.Netfilter;
using MasterController.Linux.Netlink;

namespace MasterController.Linux.Nftables;

/// <summary>
/// One table of the family inet as the kernel holds it. libnftables reads every element of a table's sets whatever it is
/// asked for; here each part is read and changed alone. Belongs to the network namespace of the thread that opened it, and
/// to one caller at a time.
/// </summary>
public sealed class NftTable : IDisposable
{
    // The longest key with the longest value and a limit, and what is around them.
    private const int ElementLength = 192;

    // A message's header, and the names of table and set.
    private const int MessageLength = 128;

    // The longest key, and what is around it.
    private const int KeyLength = 40;
    private const int KeysPerLookUp = 128;

    private readonly NftSocket _socket = new();
    private readonly string _name;

    private NftTable(string name) => _name = name;

    /// <exception cref="NetlinkException">The kernel has no nfnetlink, or no descriptor is free.</exception>
    public static NftTable Open(string name) => new(name);

    /// <summary>Chains and sets: the name of each with what is fixed about it. No handles, no counters, no elements.</summary>
    public IReadOnlyDictionary<string, byte[]> ChainsAndSets()
    {
        var result = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        _socket.Dump(
            Nft.NFT_MSG_GETCHAIN,
            NfNetlink.NFPROTO_INET,
            NftSocket.Nothing,
            result.Clear,
            message =>
            {
                if (message.Type == Nft.NFT_MSG_NEWCHAIN)
                    Keep(result, "chain ", message, Nft.NFTA_CHAIN_NAME, ChainAttributes);
            }
        );
        var sets = new Dictionary<string, byte[]>();
        DumpOwn(
            Nft.NFT_MSG_GETSET,
            (ref NetlinkWriter writer) => writer.Attribute(Nft.NFTA_SET_TABLE, _name),
            sets.Clear,
            message =>
            {
                if (message.Type == Nft.NFT_MSG_NEWSET)
                    Keep(sets, "set ", message, Nft.NFTA_SET_NAME, SetAttributes);
            }
        );
        foreach (var (name, content) in sets)
            result.Add(name, content);
        return result;
    }

    /// <summary>The rules of one chain, or of all, in the order of their chains.</summary>
    public IReadOnlyList<NftRule> Rules(string? chain = null)
    {
        var rules = new List<NftRule>();
        DumpOwn(
            Nft.NFT_MSG_GETRULE,
            (ref NetlinkWriter writer) =>
            {
                writer.Attribute(Nft.NFTA_RULE_TABLE, _name);
                if (chain is not null)
                    writer.Attribute(Nft.NFTA_RULE_CHAIN, chain);
            },
            rules.Clear,
            message =>
            {
                // Older kernels know the filter only for both attributes.
                if (
                    message.Type == Nft.NFT_MSG_NEWRULE
                    && NftRule.Read(message) is var rule
                    && rule.Chain.Table == _name
                    && (chain is null || rule.Chain.Name == chain)
                )
                    rules.Add(rule);
            }
        );
        return rules;
    }

    /// <summary>Every element of a set or map; none where there is no such set.</summary>
    public IReadOnlyList<NftElement> Elements(string set)
    {
        var elements = new List<NftElement>();
        DumpOwn(
            Nft.NFT_MSG_GETSETELEM,
            (ref NetlinkWriter writer) => WriteSet(ref writer, set),
            elements.Clear,
            message => ReadElements(message, elements)
        );
        return elements;
    }

    /// <summary>Every element of a set whose keys are names of interfaces; none where there is no such set.</summary>
    public IReadOnlyList<string> Names(string set)
    {
        var names = new List<string>();
        DumpOwn(
            Nft.NFT_MSG_GETSETELEM,
            (ref NetlinkWriter writer) => WriteSet(ref writer, set),
            names.Clear,
            message => VisitElements(message, element => names.Add(NftElement.Read(element).Key.AsText))
        );
        return names;
    }

    /// <summary><c>nft get element inet TABLE SET { KEY }</c>; null where it is not there.</summary>
    public NftElement? Find(string set, NftData key)
    {
        var found = new List<NftElement>(1);
        _socket.Get(
            Nft.NFT_MSG_GETSETELEM,
            NfNetlink.NFPROTO_INET,
            (ref NetlinkWriter writer) =>
            {
                WriteSet(ref writer, set);
                var list = writer.BeginNested(Nft.NFTA_SET_ELEM_LIST_ELEMENTS);
                new NftElement(key).Write(ref writer);
                writer.EndNested(list);
            },
            message => ReadElements(message, found)
        );
        return found.Count > 0 ? found[0] : null;
    }

    /// <summary>Those of these keys that are there, at a cost that does not depend on how many others are.</summary>
    public IReadOnlyDictionary<NftData, NftElement> Find(string set, IReadOnlyList<NftData> keys)
    {
        var found = new Dictionary<NftData, NftElement>();
        var some = new List<NftElement>();
        for (var next = 0; next < keys.Count; )
        {
            some.Clear();
            var (start, count) = (next, Math.Min(KeysPerLookUp, keys.Count - next));
            var areThere = _socket.Get(
                Nft.NFT_MSG_GETSETELEM,
                NfNetlink.NFPROTO_INET,
                (ref NetlinkWriter writer) =>
                {
                    WriteSet(ref writer, set);
                    var list = writer.BeginNested(Nft.NFTA_SET_ELEM_LIST_ELEMENTS);
                    for (var i = start; i < start + count; i++)
                        new NftElement(keys[i]).Write(ref writer);
                    writer.EndNested(list);
                },
                message => ReadElements(message, some),
                MessageLength + (count * KeyLength)
            );
            foreach (var element in some)
                found[element.Key] = element;
            // The kernel ends with the first that is not there.
            next += areThere ? count : some.Count + 1;
        }
        return found;
    }

    /// <summary>
    /// <c>nft delete element …; nft add element …</c> in one transaction, at a cost that does not depend on how many elements
    /// there are.
    /// </summary>
    /// <exception cref="NetlinkException">Nothing was changed.</exception>
    public void Change(NftChanges changes)
    {
        if (changes.Count == 0)
            return;
        var messages = changes.Messages().ToList();
        var batch = _socket.BeginBatch((messages.Count * MessageLength) + (changes.Count * ElementLength));
        foreach (var (set, isRemoval, elements) in messages)
        {
            batch.BeginMessage(
                isRemoval ? Nft.NFT_MSG_DELSETELEM : Nft.NFT_MSG_NEWSETELEM,
                isRemoval ? (ushort)0 : Nl.Create,
                NfNetlink.NFPROTO_INET
            );
            WriteSet(ref batch.Writer, set);
            var list = batch.Writer.BeginNested(Nft.NFTA_SET_ELEM_LIST_ELEMENTS);
            foreach (var element in elements)
                element.Write(ref batch.Writer);
            batch.Writer.EndNested(list);
            batch.EndMessage();
        }
        var sets = string.Join(", ", messages.Select(message => message.Set).Distinct());
        batch.Commit($"Elements of {sets} could not be changed");
    }

    /// <summary>The same for one set.</summary>
    /// <inheritdoc cref="Change" path="/exception"/>
    public void ChangeElements(string set, IReadOnlyList<NftData> removed, IReadOnlyList<NftElement> added)
    {
        var changes = new NftChanges();
        foreach (var key in removed)
            changes.Remove(set, key);
        foreach (var element in added)
            changes.Add(set, element);
        Change(changes);
    }

    public void Dispose() => _socket.Dispose();

    // The kernel refuses to list what a table that is not there has; for the caller that is nothing.
    private void DumpOwn(
        ushort type,
        NftSocket.AttributeWriter filter,
        Action clear,
        NetlinkSocket.MessageHandler visit
    )
    {
        try
        {
            _socket.Dump(type, NfNetlink.NFPROTO_INET, filter, clear, visit);
        }
        catch (NetlinkException exception) when (exception.Error is { IsMissing: true })
        {
            clear();
        }
    }

    private void WriteSet(ref NetlinkWriter writer, string set)
    {
        writer.Attribute(Nft.NFTA_SET_ELEM_LIST_TABLE, _name);
        writer.Attribute(Nft.NFTA_SET_ELEM_LIST_SET, set);
    }

    private delegate void ElementVisitor(AttributeReader element);

    private static void ReadElements(NetlinkMessage message, List<NftElement> elements) =>
        VisitElements(message, element => elements.Add(NftElement.Read(element)));

    private static void VisitElements(NetlinkMessage message, ElementVisitor visit)
    {
        if (message.Type != Nft.NFT_MSG_NEWSETELEM)
            return;
        var attributes = message.Attributes(NfNetlink.MessageBody);
        while (attributes.TryRead())
        {
            if (attributes.Type != Nft.NFTA_SET_ELEM_LIST_ELEMENTS)
                continue;
            var list = attributes.Nested;
            while (list.TryRead())
                visit(list.Nested);
        }
    }

    private static ReadOnlySpan<ushort> ChainAttributes =>
        [Nft.NFTA_CHAIN_HOOK, Nft.NFTA_CHAIN_POLICY, Nft.NFTA_CHAIN_TYPE];

    private static ReadOnlySpan<ushort> SetAttributes =>
        [Nft.NFTA_SET_FLAGS, Nft.NFTA_SET_KEY_TYPE, Nft.NFTA_SET_DATA_TYPE];

    private void Keep(
        IDictionary<string, byte[]> found,
        string kind,
        NetlinkMessage message,
        ushort nameType,
        ReadOnlySpan<ushort> kept
    )
    {
        var (table, name) = ("", "");
        var content = new byte[message.Payload.Length];
        var writer = new NetlinkWriter(content);
        var attributes = message.Attributes(NfNetlink.MessageBody);
        while (attributes.TryRead())
            // The table's name is the first attribute of chains and of sets.
            if (attributes.Type == Nft.NFTA_SET_TABLE)
                table = attributes.Text;
            else if (attributes.Type == nameType)
                name = attributes.Text;
            else if (kept.Contains(attributes.Type))
                writer.Attribute(attributes.Type, attributes.Value);
        if (table == _name)
            found[kind + name] = writer.Written.ToArray();
    }
}
