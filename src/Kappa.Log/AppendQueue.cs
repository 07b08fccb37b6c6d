namespace Kappa.Log;

/// <summary>
/// Requests on their way to the committer, bounded in bytes: a full queue makes appends wait, in the order they came.
/// </summary>
internal sealed class AppendQueue(int bytesMax)
{
    private readonly object _lock = new();
    private readonly Queue<Waiter> _waiting = new();
    private readonly LinkedList<PreparedRequest> _queued = new();
    private readonly Queue<CommitterWork> _work = new();
    private long _bytes;
    private bool _isClosed;
    private long _wantedBytes = long.MaxValue;
    private TaskCompletionSource _filled = new();

    /// <summary>Queues a request, when there is room for it.</summary>
    public Task AddAsync(PreparedRequest request, CancellationToken cancel)
    {
        Waiter waiter;
        lock (_lock)
        {
            ThrowIfClosed();
            if (_waiting.Count == 0 && HasRoomFor(request))
            {
                Put(request);
                return Task.CompletedTask;
            }

            waiter = new Waiter(request);
            _waiting.Enqueue(waiter);
            TellFilled();
        }

        return WaitAsync(waiter, cancel);
    }

    /// <summary>Queues the log's own request, room or not.</summary>
    public void AddOwn(PreparedRequest request)
    {
        lock (_lock)
        {
            ThrowIfClosed();
            Put(request);
        }
    }

    /// <summary>Queues work to be done between two groups.</summary>
    public void AddWork(CommitterWork work)
    {
        lock (_lock)
        {
            ThrowIfClosed();
            _work.Enqueue(work);
            System.Threading.Monitor.Pulse(_lock);
        }
    }

    /// <summary>Takes work, where there is some.</summary>
    public bool TryTakeWork([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out CommitterWork? work)
    {
        lock (_lock)
        {
            return _work.TryDequeue(out work);
        }
    }

    /// <summary>Waits for requests or work; false when closed and empty.</summary>
    public bool WaitForAny()
    {
        lock (_lock)
        {
            while (_queued.Count == 0 && _work.Count == 0 && !_isClosed)
            {
                System.Threading.Monitor.Wait(_lock);
            }

            return _queued.Count > 0 || _work.Count > 0;
        }
    }

    /// <summary>Is no request queued?</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _queued.Count == 0;
            }
        }
    }

    /// <summary>Done when so many bytes are queued, or nothing more is taken. For one who waits.</summary>
    public Task FilledAsync(long bytes)
    {
        lock (_lock)
        {
            _wantedBytes = bytes;
            _filled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            TellFilled();
            return _filled.Task;
        }
    }

    /// <summary>Takes requests from the head, at least one, at most so many bytes.</summary>
    public void Take(long bytes, List<PreparedRequest> into)
    {
        lock (_lock)
        {
            while (_queued.First is { } first && (into.Count == 0 || first.Value.Bytes <= bytes))
            {
                bytes -= first.Value.Bytes;
                _bytes -= first.Value.Bytes;
                into.Add(first.Value);
                _queued.RemoveFirst();
            }

            LetIn();
        }
    }

    /// <summary>Puts requests back at the head, in their order.</summary>
    public void Return(List<PreparedRequest> requests)
    {
        lock (_lock)
        {
            for (var i = requests.Count - 1; i >= 0; i--)
            {
                _queued.AddFirst(requests[i]);
                _bytes += requests[i].Bytes;
            }
        }
    }

    /// <summary>Takes nothing more; what is queued is still to be written.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            while (_waiting.TryDequeue(out var waiter))
            {
                waiter.Entered.TrySetException(Closed());
            }

            TellFilled();
            System.Threading.Monitor.PulseAll(_lock);
        }
    }

    private static async Task WaitAsync(Waiter waiter, CancellationToken cancel)
    {
        await using var registration = cancel.Register(() => waiter.Entered.TrySetCanceled(cancel));
        await waiter.Entered.Task;
    }

    private static KappaException Closed() => new(
        ErrorKind.Unavailable, "The log is closed; the request was not taken.",
        "Open the log again, then repeat the request.");

    private bool HasRoomFor(PreparedRequest request) => _bytes == 0 || _bytes + request.Bytes <= bytesMax;

    private void Put(PreparedRequest request)
    {
        _queued.AddLast(request);
        _bytes += request.Bytes;
        TellFilled();
        System.Threading.Monitor.Pulse(_lock);
    }

    private void TellFilled()
    {
        // Also when somebody waits to get in: then no more can come before this is taken.
        if (_bytes >= _wantedBytes || _waiting.Count > 0 || _isClosed)
        {
            _wantedBytes = long.MaxValue;
            _filled.TrySetResult();
        }
    }

    private void LetIn()
    {
        while (_waiting.TryPeek(out var waiter) && (waiter.Entered.Task.IsCompleted || HasRoomFor(waiter.Request)))
        {
            _waiting.Dequeue();
            if (waiter.Entered.TrySetResult())
            {
                Put(waiter.Request);
            }
        }
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            throw Closed();
        }
    }

    private sealed record Waiter(PreparedRequest Request)
    {
        public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
