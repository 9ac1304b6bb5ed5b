// netstandard2.0 has not the type by which the compiler marks init accessors, and so records.
namespace System.Runtime.CompilerServices;

internal static class IsExternalInit;
