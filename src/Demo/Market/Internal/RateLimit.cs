using System.Net;

namespace Assay.Demo.Market.Internal;

/// <summary>A token bucket per client address.</summary>
internal sealed class RateLimit(int burst, double perSecond, TimeProvider time)
{
    /// <summary>More addresses than this at once, and all start afresh: memory stays bounded.</summary>
    private const int MaxClients = 1_000;

    private readonly Dictionary<IPAddress, (double Tokens, long At)> _clients = [];

    /// <summary>Null where the request may pass, else how long until the next one may.</summary>
    public TimeSpan? Take(IPAddress client)
    {
        lock (_clients)
        {
            long now = time.GetTimestamp();
            if (_clients.Count >= MaxClients)
                _clients.Clear();
            double tokens = _clients.TryGetValue(client, out (double Tokens, long At) last)
                ? Math.Min(burst, last.Tokens + time.GetElapsedTime(last.At, now).TotalSeconds * perSecond)
                : burst;
            bool pass = tokens >= 1;
            _clients[client] = (pass ? tokens - 1 : tokens, now);
            return pass ? null : TimeSpan.FromSeconds((1 - tokens) / perSecond);
        }
    }
}
