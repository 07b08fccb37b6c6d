using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace Kappa.Streams.Runtime.Fused;

/// <summary>
/// Emits a struct for each of a job's lambdas, in an assembly of the version's own load context: an emitted assembly
/// binds types by name, and two versions have types of one name. A lambda that cannot be emitted stays a delegate.
/// </summary>
internal sealed class Thunks
{
    // A job that is built again, after a restart for example, has the same lambdas: what was compiled for them stays
    // warm. Kept as long as the assembly whose lambdas they are.
    private static readonly ConditionalWeakTable<Assembly, ConcurrentDictionary<(MethodInfo, Type), Type>> Known = [];

    private readonly ModuleBuilder? _module;
    private int _made;

    public Thunks(IReadOnlyCollection<Delegate> lambdas)
    {
        if (!RuntimeFeature.IsDynamicCodeSupported || !RuntimeFeature.IsDynamicCodeCompiled)
        {
            return;
        }

        var context = lambdas
            .Select(lambda => AssemblyLoadContext.GetLoadContext(lambda.Method.Module.Assembly))
            .FirstOrDefault(context => context is not null && context != AssemblyLoadContext.Default)
            ?? AssemblyLoadContext.Default;
        using var reflection = context.EnterContextualReflection();
        var assembly = AssemblyBuilder.DefineDynamicAssembly(
            new AssemblyName("Kappa.Streams.Thunks"),
            context.IsCollectible ? AssemblyBuilderAccess.RunAndCollect : AssemblyBuilderAccess.Run);
        var allow = typeof(IgnoresAccessChecksToAttribute).GetConstructors()[0];
        foreach (var name in lambdas.SelectMany(Assemblies).Append(typeof(Thunks).Assembly)
            .Select(used => used.GetName().Name!).ToHashSet())
        {
            assembly.SetCustomAttribute(new CustomAttributeBuilder(allow, [name]));
        }

        _module = assembly.DefineDynamicModule("thunks");
    }

    /// <summary>A struct that is <see cref="IFunction{T, TResult}"/>, boxed.</summary>
    public object Function(Delegate lambda)
    {
        var types = lambda.GetType().GetGenericArguments();
        return Emit(lambda, typeof(IFunction<,>).MakeGenericType(types), types[0], null)
            ?? Activator.CreateInstance(typeof(CalledFunction<,>).MakeGenericType(types), lambda)!;
    }

    /// <summary>A struct that is <see cref="IFold{TState, T}"/>, boxed.</summary>
    public object Fold(Delegate lambda)
    {
        var types = lambda.GetType().GetGenericArguments()[..2];
        return Emit(lambda, typeof(IFold<,>).MakeGenericType(types), types[1], types[0])
            ?? Activator.CreateInstance(typeof(CalledFold<,>).MakeGenericType(types), lambda)!;
    }

    private object? Emit(Delegate lambda, Type contract, Type valueType, Type? stateType)
    {
        var target = lambda.Method;
        if (_module is null || lambda.GetInvocationList().Length != 1 || target.DeclaringType is not { } owner
            || target is DynamicMethod || target.Module.Assembly.IsDynamic || owner.IsValueType
            || (target.IsStatic && lambda.Target is not null))
        {
            return null;
        }

        var known = Known.GetOrCreateValue(target.Module.Assembly);
        var type = known.GetOrAdd((target, contract), _ => Define(lambda, contract, valueType, stateType));
        var thunk = Activator.CreateInstance(type)!;
        type.GetField("Target")!.SetValue(thunk, lambda.Target);
        return thunk;
    }

    private Type Define(Delegate lambda, Type contract, Type valueType, Type? stateType)
    {
        var target = lambda.Method;
        var type = _module!.DefineType(
            "Thunk" + _made++, TypeAttributes.Public | TypeAttributes.SequentialLayout | TypeAttributes.Sealed,
            typeof(ValueType), [contract]);
        var holder = type.DefineField("Target", target.DeclaringType!, FieldAttributes.Public);
        var declared = contract.GetMethod("Invoke")!;
        var method = type.DefineMethod(
            "Invoke",
            MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig,
            declared.ReturnType, [.. declared.GetParameters().Select(parameter => parameter.ParameterType)]);
        method.SetImplementationFlags(MethodImplAttributes.AggressiveInlining);
        Body(method.GetILGenerator(), lambda, holder, valueType, stateType);
        type.DefineMethodOverride(method, declared);
        return type.CreateType();
    }

    private static void Body(
        ILGenerator code, Delegate lambda, FieldBuilder holder, Type valueType, Type? stateType)
    {
        var target = lambda.Method;
        if (stateType is not null)
        {
            code.Emit(OpCodes.Ldarg_1);
        }

        if (!target.IsStatic)
        {
            // Also where the lambda captures nothing: a call on null is never inlined.
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldfld, holder);
        }

        if (stateType is not null)
        {
            code.Emit(OpCodes.Ldarg_1);
            code.Emit(OpCodes.Ldobj, stateType);
            code.Emit(OpCodes.Ldarg_2);
        }
        else
        {
            code.Emit(OpCodes.Ldarg_1);
        }

        code.Emit(OpCodes.Ldobj, valueType);
        code.Emit(OpCodes.Call, target);
        if (stateType is not null)
        {
            code.Emit(OpCodes.Stobj, stateType);
        }

        code.Emit(OpCodes.Ret);
    }

    private static IEnumerable<Assembly> Assemblies(Delegate lambda) =>
        lambda.GetType().GetGenericArguments().SelectMany(Parts).Select(type => type.Assembly)
            .Append(lambda.Method.Module.Assembly).Where(assembly => !assembly.IsDynamic);

    private static IEnumerable<Type> Parts(Type type) =>
        type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type) : [type];
}
