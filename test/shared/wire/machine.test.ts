import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareMachines, likeness, type Machine, renewed, sameMachine } from '../../../shared/wire/machine.ts';

const digest = (letter: string) => letter.repeat(32);
const NOTHING: Machine = { smbios: null, board: null, disk: null, macs: [] };
const PC: Machine = { smbios: digest('a'), board: digest('b'), disk: digest('c'), macs: ['00:1a:2b:00:00:01'] };
const of = (change: Partial<Machine>): Machine => ({ ...PC, ...change });
const OTHER = { smbios: digest('1'), board: digest('2'), disk: digest('3'), macs: ['00:1a:2b:00:00:99'] };

describe('two descriptions are of one machine', () => {
  test.each<[string, Machine, Machine, ReturnType<typeof compareMachines>]>([
    ['nothing changed', PC, PC, 'same'],
    ['a new disk', PC, of({ disk: OTHER.disk }), 'same'],
    ['a new network card', PC, of({ macs: OTHER.macs }), 'same'],
    ['a new disk, the interfaces not read', PC, of({ disk: OTHER.disk, macs: [] }), 'same'],
    ['one interface of two is left', of({ macs: ['00:1a:2b:00:00:01', '00:1a:2b:00:00:02'] }), PC, 'same'],
    ['read without rights: the UUID and an interface', of({ board: null, disk: null }), PC, 'same'],
    ['only the UUID on one side', { ...NOTHING, smbios: PC.smbios }, PC, 'same'],
    ['a batch of boards with one UUID', PC, { ...OTHER, smbios: PC.smbios }, 'other'],
    ['a batch with one UUID and one board number', PC, { ...OTHER, smbios: PC.smbios, board: PC.board }, 'other'],
    ['one UUID, another disk and nothing else known', PC, of({ board: null, disk: OTHER.disk, macs: [] }), 'other'],
    ['a copied disk image', PC, OTHER, 'other'],
    ['the disk moved to another PC', PC, { ...OTHER, disk: PC.disk }, 'other'],
    ['the network card moved to another PC', PC, { ...OTHER, macs: PC.macs }, 'other'],
    ['a BIOS update lost the UUID, disk and board kept', PC, of({ smbios: OTHER.smbios }), 'same'],
    ['the same, disk and card kept', PC, of({ smbios: OTHER.smbios, board: null }), 'same'],
    ['no UUID, the interface is equal', of({ smbios: null, disk: null }), { ...NOTHING, macs: PC.macs }, 'same'],
    ['no UUID, the disk is equal', of({ smbios: null }), { ...NOTHING, disk: PC.disk }, 'same'],
    ['no UUID, another interface', { ...NOTHING, macs: PC.macs }, { ...NOTHING, macs: OTHER.macs }, 'other'],
    ['no UUID, another board', { ...NOTHING, board: PC.board }, { ...NOTHING, board: OTHER.board }, 'other'],
    ['an equal board number alone', { ...NOTHING, board: PC.board }, { ...NOTHING, board: PC.board }, 'unknown'],
    ['nothing in common', { ...NOTHING, smbios: PC.smbios }, { ...NOTHING, macs: PC.macs }, 'unknown'],
    ['nothing known', NOTHING, NOTHING, 'unknown'],
  ])('%s', (_, a, b, expected) => {
    expect([compareMachines(a, b), compareMachines(b, a)]).toEqual([expected, expected]);
  });
});

// Few values, so that equal parts are common.
const part = fc.option(fc.constantFrom(digest('a'), digest('b'), digest('c')));
const mac = fc.constantFrom('00:1a:2b:00:00:01', '00:1a:2b:00:00:02', '00:1a:2b:00:00:03');
const machine: fc.Arbitrary<Machine> = fc.record({
  smbios: part,
  board: part,
  disk: part,
  macs: fc.uniqueArray(mac, { maxLength: 2 }).map((macs) => macs.sort()),
});

describe('laws', () => {
  test('the order of the two does not matter', () => {
    fc.assert(fc.property(machine, machine, (a, b) => compareMachines(a, b) === compareMachines(b, a)));
  });
  test('a machine is never another one than itself, and is itself by UUID, disk or interface', () => {
    fc.assert(
      fc.property(machine, (a) => {
        const isTellable = a.smbios !== null || a.disk !== null || a.macs.length > 0;
        return compareMachines(a, a) === (isTellable ? 'same' : 'unknown');
      }),
    );
  });
  test('without one equal part nothing is the same; with all of four equal nothing is another', () => {
    fc.assert(
      fc.property(machine, machine, (a, b) => {
        if (likeness(a, b) === 0) return !sameMachine(a, b);
        return likeness(a, b) < 15 || sameMachine(a, b);
      }),
    );
  });
  test('what one reading did not tell is never held against the machine', () => {
    const keys = fc.subarray(['smbios', 'board', 'disk', 'macs'] as const);
    fc.assert(
      fc.property(machine, keys, (a, lost) => {
        const less = { ...a, ...Object.fromEntries(lost.map((key) => [key, NOTHING[key]])) };
        return compareMachines(a, less) !== 'other' && sameMachine(renewed(a, less), a) === sameMachine(a, a);
      }),
    );
  });
  test('a machine described again stays the same machine', () => {
    fc.assert(fc.property(machine, machine, (a, b) => !sameMachine(a, b) || sameMachine(renewed(a, b), b)));
  });
});
