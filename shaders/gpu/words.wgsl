// Include, within the struct of a kernel's uniform: the words of an operand that is computed, see src/gpu/pointwise/operand.ts. Here there is none.
