using System.Numerics;

namespace MasterController.Core.Addressing;

/// <summary>The tree under a /8.</summary>
internal sealed partial class AddressSet
{
    private static bool Has(ulong bits, int index) => ((bits >> index) & 1) != 0;

    /// <summary>64 slots of 2^shift addresses each: words of bits at the lowest level, nodes above it.</summary>
    private sealed class Node
    {
        private readonly int _shift;
        private readonly ulong[]? _words;
        private readonly Node?[] _children = [];

        /// <summary>A bit for each slot with nothing missing; such a slot needs no child.</summary>
        private ulong _full;

        public Node(int shift, bool isFull)
        {
            _shift = shift;
            _full = isFull ? All : 0;
            if (shift > WordBits)
            {
                _children = new Node?[64];
                return;
            }
            _words = new ulong[64];
            if (isFull)
                Array.Fill(_words, All);
        }

        public bool IsFull => _full == All;

        /// <summary>Null where the leaf is not there, being full.</summary>
        public Node? LeafOf(uint address) => _words is not null ? this : _children[SlotOf(address)]?.LeafOf(address);

        /// <summary>True when nothing is missing below this node any more.</summary>
        public bool Add(uint address)
        {
            var slot = SlotOf(address);
            if (_words is not null)
            {
                _words[slot] |= 1UL << (int)(address & 63);
                if (_words[slot] == All)
                    _full |= 1UL << slot;
            }
            else if (!Has(_full, slot) && Child(slot).Add(address))
            {
                _full |= 1UL << slot;
            }
            return _full == All;
        }

        public void Remove(uint address)
        {
            var slot = SlotOf(address);
            if (_words is not null)
                _words[slot] &= ~(1UL << (int)(address & 63));
            else if (Has(_full, slot) || _children[slot] is not null)
                Child(slot).Remove(address);
            _full &= ~(1UL << slot);
        }

        public bool Contains(uint address)
        {
            var slot = SlotOf(address);
            if (Has(_full, slot))
                return true;
            return _words is not null
                ? Has(_words[slot], (int)(address & 63))
                : _children[slot]?.Contains(address) ?? false;
        }

        public bool AddRange(uint first, uint last)
        {
            for (var slot = SlotOf(first); slot <= SlotOf(last); slot++)
            {
                var start = StartOf(first, slot);
                var end = start + (1U << _shift) - 1;
                if (first <= start && end <= last)
                    FillSlot(slot);
                else if (_words is not null)
                    AddToWord(slot, Math.Max(first, start), Math.Min(last, end));
                else if (!Has(_full, slot) && Child(slot).AddRange(Math.Max(first, start), Math.Min(last, end)))
                    _full |= 1UL << slot;
            }
            return _full == All;
        }

        public void RemoveRange(uint first, uint last)
        {
            for (var slot = SlotOf(first); slot <= SlotOf(last); slot++)
            {
                var start = StartOf(first, slot);
                var end = start + (1U << _shift) - 1;
                if (first <= start && end <= last)
                    EmptySlot(slot);
                else if (_words is not null)
                    _words[slot] &= ~Bits(Math.Max(first, start), Math.Min(last, end));
                else if (Has(_full, slot) || _children[slot] is not null)
                    Child(slot).RemoveRange(Math.Max(first, start), Math.Min(last, end));
                _full &= ~(1UL << slot);
            }
        }

        public bool TryFindAbsent(uint from, out uint absent)
        {
            var slot = SlotOf(from);
            if (!Has(_full, slot) && TryFindInSlot(slot, from, out absent))
                return true;
            var later = slot == 63 ? 0 : ~_full & (All << (slot + 1));
            absent = 0;
            if (later == 0)
                return false;
            slot = BitOperations.TrailingZeroCount(later);
            return TryFindInSlot(slot, StartOf(from, slot), out absent);
        }

        public bool TryFindLastAbsent(uint to, out uint absent)
        {
            var slot = SlotOf(to);
            if (!Has(_full, slot) && TryFindLastInSlot(slot, to, out absent))
                return true;
            var earlier = ~_full & ((1UL << slot) - 1);
            absent = 0;
            if (earlier == 0)
                return false;
            slot = 63 - BitOperations.LeadingZeroCount(earlier);
            return TryFindLastInSlot(slot, StartOf(to, slot) + (1U << _shift) - 1, out absent);
        }

        private bool TryFindInSlot(int slot, uint from, out uint absent)
        {
            absent = from;
            if (_words is null)
                return _children[slot] is not { } child || child.TryFindAbsent(from, out absent);
            var missing = ~_words[slot] & (All << (int)(from & 63));
            absent = (from & ~63U) | (uint)BitOperations.TrailingZeroCount(missing);
            return missing != 0;
        }

        private bool TryFindLastInSlot(int slot, uint to, out uint absent)
        {
            absent = to;
            if (_words is null)
                return _children[slot] is not { } child || child.TryFindLastAbsent(to, out absent);
            var missing = ~_words[slot] & (All >> (63 - (int)(to & 63)));
            absent = (to & ~63U) | (uint)(63 - BitOperations.LeadingZeroCount(missing));
            return missing != 0;
        }

        private void EmptySlot(int slot)
        {
            if (_words is not null)
                _words[slot] = 0;
            else
                _children[slot] = null;
        }

        private void FillSlot(int slot)
        {
            if (_words is not null)
                _words[slot] = All;
            else
                _children[slot] = null;
            _full |= 1UL << slot;
        }

        private void AddToWord(int slot, uint first, uint last)
        {
            _words![slot] |= Bits(first, last);
            if (_words[slot] == All)
                _full |= 1UL << slot;
        }

        /// <summary>Those of a word from first to last, both inclusive.</summary>
        private static ulong Bits(uint first, uint last) =>
            (All << (int)(first & 63)) & (All >> (63 - (int)(last & 63)));

        private int SlotOf(uint address) => (int)(address >> _shift) & 63;

        private uint StartOf(uint anyInNode, int slot) => (anyInNode & ~((64U << _shift) - 1)) | ((uint)slot << _shift);

        private Node Child(int slot) => _children[slot] ??= new Node(_shift - WordBits, Has(_full, slot));
    }
}
