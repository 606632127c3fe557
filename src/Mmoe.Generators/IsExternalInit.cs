namespace System.Runtime.CompilerServices;

/// <summary>What the compiler asks for to emit <c>init</c> setters, which records have; .NET Standard 2.0 lacks it.</summary>
internal static class IsExternalInit;
