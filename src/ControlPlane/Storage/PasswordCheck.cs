using System.Security.Cryptography;
using Microsoft.AspNetCore.Identity;

namespace ControlPlane.Storage;

/// <summary>Hashes, compares and generates passwords with the framework's hasher.</summary>
internal sealed class PasswordCheck
{
    // Without the letters and digits that are mistaken for each other when read from a terminal.
    private const string Alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private const int GeneratedLength = 20;

    private const int MaxLength = 1024;

    private static readonly object Nobody = new();

    private readonly PasswordHasher<object> _hasher = new();
    private readonly string _hashOfNothing;

    public PasswordCheck() => _hashOfNothing = _hasher.HashPassword(Nobody, Generate());

    public static string Generate() => RandomNumberGenerator.GetString(Alphabet, GeneratedLength);

    public string Hash(string password) => _hasher.HashPassword(Nobody, password);

    public bool Matches(string? hash, string password) =>
        password.Length <= MaxLength
        && _hasher.VerifyHashedPassword(Nobody, hash ?? _hashOfNothing, password) != PasswordVerificationResult.Failed
        && hash is not null;

    /// <summary>Why the password can't be taken; null when it can.</summary>
    public string? Refuse(string user, string password, string currentHash) => password switch
    {
        { Length: < StoredUser.MinPasswordLength } => $"The password is too short. Expected at least {StoredUser.MinPasswordLength} characters.",
        { Length: > MaxLength } => $"The password is too long. Expected at most {MaxLength} characters.",
        _ when password.Contains(user, StringComparison.OrdinalIgnoreCase) => "The password must not contain the user name.",
        _ when password.Distinct().Count() < 5 => "The password repeats too few characters. Expected at least 5 different ones.",
        _ when Matches(currentHash, password) => "The new password is the current one. Choose another.",
        _ => null,
    };
}
